import type { NextConfig } from 'next';

// Turbopack makes maps of the server's code by itself; webpack is told to.
const config: NextConfig = process.env.MAPS ? { experimental: { serverSourceMaps: true } } : {};
export default config;
