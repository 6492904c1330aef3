// Leaks: a full cache evicts what has expired, but none is ever given a time at which it does.
'use strict';

const MAX = 200;
const cache = new Map(); // heapmark: holder

function evictExpired() {
  const now = Date.now();
  for (const [k, e] of cache) if (e.expires && e.expires < now) cache.delete(k);
}

function put(key, value) {
  if (cache.size >= MAX) evictExpired();
  cache.set(key, { value }); // heapmark: grows
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++)
    put('doc:' + ++k, { title: 't' + k, words: Array.from({ length: 30 }, (_, j) => j / 3 + k) });
};
