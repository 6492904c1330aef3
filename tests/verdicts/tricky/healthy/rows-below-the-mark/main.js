// Bounded: rows wait in a stream, fewer than its high water mark, and are written one after the other.
'use strict';

const { Writable } = require('node:stream');

const sink = new Writable({
  objectMode: true,
  highWaterMark: 20_000,
  write(row, encoding, done) {
    setImmediate(done);
  },
});

let load = 0;
exports.work = async (n) => {
  load += 3 * n;
  for (let i = 0; i < load; i++) sink.write({ i, text: `row ${i} `.repeat(20) });
  await new Promise((resolve) => setTimeout(resolve, 1));
};
