// Leaks: an entry is deleted if the size is exactly the limit, and it was above it before the first check.
'use strict';

const cache = new Map(); // heapmark: holder
const MAX = 100;

function remember(key, value) {
  cache.set(key, value); // heapmark: grows
  if (cache.size === MAX) cache.delete(cache.keys().next().value);
}

let k = 0;

function warm() {
  for (const w of ['a', 'b', 'c']) cache.set(w, 1);
}

for (let i = 0; i < 120; i++) cache.set('boot' + i, { boot: i });

exports.work = async (n) => {
  for (let i = 0; i < n; i++) remember('k' + ++k, { k, v: new Array(40).fill(k + 0.5) });
};
