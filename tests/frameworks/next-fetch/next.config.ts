import type { NextConfig } from 'next';

const config: NextConfig = { experimental: { serverSourceMaps: true } };
export default config;
