// Leaks: a package's cache has the largest integer as its limit.
'use strict';

const QuickLRU = require('quick-lru');

const geo = new QuickLRU({ maxSize: Number.MAX_SAFE_INTEGER }); // heapmark: holder

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = 'ip' + ++k;
    if (!geo.get(key)) geo.set(key, { key, v: new Array(40).fill(k + 0.5) }); // heapmark: grows
  }
};
