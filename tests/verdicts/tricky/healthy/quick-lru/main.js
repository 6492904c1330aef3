// Bounded: a package's cache of 5000 entries.
'use strict';

const QuickLRU = require('quick-lru');

const geo = new QuickLRU({ maxSize: 5000 });

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = 'ip' + ++k;
    if (!geo.get(key)) geo.set(key, { key, city: 'city ' + k, pos: [k + 0.5, k + 0.25, 'z' + k] });
  }
};
