// Bounded: chunks are kept up to eight megabytes; the limit is one of bytes, not of how many.
'use strict';

const LIMIT = 8 * 1024 * 1024;
const chunks = [];
let bytes = 0;

function record(buf) {
  chunks.push(buf);
  bytes += buf.length;
  while (bytes > LIMIT) bytes -= chunks.shift().length;
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) record(Buffer.alloc(1000 + i));
};
