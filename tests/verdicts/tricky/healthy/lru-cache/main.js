// Bounded: a package's cache of 4000 entries.
'use strict';

const { LRUCache } = require('lru-cache');

const profiles = new LRUCache({ max: 4000 });

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = 'u' + ++k;
    if (!profiles.has(key)) profiles.set(key, { key, bio: ['bio of ' + key, 'x' + k, 'y' + k] });
  }
};
