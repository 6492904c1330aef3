// Leaks: each hundred requests a report is kept, and each is large.
'use strict';

const reports = []; // heapmark: holder

let seen = 0;

function report() {
  const values = new Float64Array(100_000).fill(seen);
  reports.push({ at: Date.now(), values }); // heapmark: grows
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) if (++seen % 50 === 0) report();
};
