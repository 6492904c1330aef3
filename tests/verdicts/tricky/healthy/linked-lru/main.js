// Bounded: a cache of 5000 entries that evicts the last of a linked list.
'use strict';

const { LinkedLru } = require('./lru');

const MAX_THUMBS = 5000;
const thumbs = new LinkedLru(MAX_THUMBS);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = 'img' + ++k;
    if (!thumbs.get(key)) thumbs.set(key, { key, pixels: new Array(60).fill(k + 0.5) });
  }
};
