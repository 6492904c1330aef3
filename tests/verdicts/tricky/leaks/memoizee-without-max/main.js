// Leaks: results are remembered without a limit, and one of the arguments is the time.
'use strict';

const memoizee = require('memoizee');

const tax = memoizee( // heapmark: holder
  (sku, at) => ({ sku, at, rates: Array.from({ length: 20 }, (_, i) => i + sku / 7) }),
  { primitive: true },
);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) tax(++k, k * 3); // heapmark: grows
};
