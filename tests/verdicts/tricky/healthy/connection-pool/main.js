// Bounded: a pool that opens up to 64 connections and reuses them, under growing load.
'use strict';

const net = require('node:net');
const { Pool } = require('./pool');

let pool;
let width = 0;
exports.work = async (n) => {
  if (!pool) {
    const s = net.createServer((c) => {
      c.on('error', () => {});
      c.on('data', (d) => c.write(d));
    });
    await new Promise((r) => s.listen(0, r));
    s.unref();
    pool = new Pool(s.address().port, { max: 64 });
  }
  width += 12;
  for (let i = 0; i < n / 12; i++)
    await Promise.all(
      Array.from({ length: width }, async (_, j) => {
        const c = await pool.acquire();
        try {
          await c.query('q' + j);
        } finally {
          pool.release(c);
        }
      }),
    );
};
