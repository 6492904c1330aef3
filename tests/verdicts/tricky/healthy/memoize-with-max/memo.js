'use strict';

module.exports = function memoize(fn, { max = 3000, key = String } = {}) {
  const store = new Map();
  const memoized = (...args) => {
    const k = key(...args);
    if (store.has(k)) return store.get(k);
    const v = fn(...args);
    store.set(k, v);
    if (store.size > max) trim(store);
    return v;
  };
  return memoized;
};

function trim(map) {
  const [oldest] = map.keys();
  map.delete(oldest);
}
