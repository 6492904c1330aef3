// Leaks: the results of each run stay under its number.
'use strict';

const results = new Map(); // heapmark: holder

let runs = 0;

function run(steps) {
  const rows = Array.from({ length: 10_000 }, (_, i) => ({ i, steps }));
  results.set(`run ${++runs}`, rows); // heapmark: grows
}

exports.work = async (n) => {
  for (let i = 0; i < n; i += 40) run(n);
};
