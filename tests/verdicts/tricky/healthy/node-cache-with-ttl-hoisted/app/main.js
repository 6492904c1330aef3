// Bounded: as node-cache-with-ttl, with the package outside the folder that is open.
'use strict';

const NodeCache = require('node-cache');

const quotes = new NodeCache({ stdTTL: 600, checkperiod: 120, useClones: false });

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = 'q' + ++k;
    quotes.set(key, { key, legs: ['a' + k, 'b' + k, 'c' + k] });
    quotes.get(key);
  }
};
