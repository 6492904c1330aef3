// How long each operation took, in plain numbers: of these a snapshot has only the room that there is
// for them.
'use strict';

const samples = { read: [], write: [] }; // heapmark: growing-collection holder first

function timed(operation, work) {
  const begin = process.hrtime();
  work();
  const [, nanoseconds] = process.hrtime(begin);
  samples[operation].push(nanoseconds | 0); // heapmark: growing-collection grows
}

/** The slowest of all reads. */
function slowest() {
  return samples.read.reduce((most, sample) => Math.max(most, sample), 0);
}

/** Three thousand reads. */
function round() {
  for (let i = 0; i < 3000; i++) timed('read', () => i);
  if (slowest() < 0) throw new Error('time runs backwards');
}

module.exports = { round };
