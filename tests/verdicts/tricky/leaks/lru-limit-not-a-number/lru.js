'use strict';

class Lru {
  constructor({ max }) {
    this.max = max;
    this.items = new Map(); // heapmark: holder
  }
  get(key) {
    const v = this.items.get(key);
    if (v === undefined) return undefined;
    this.items.delete(key);
    this.items.set(key, v);
    return v;
  }
  put(key, value) {
    this.items.set(key, value); // heapmark: grows
    while (this.items.size > this.max) this.items.delete(this.items.keys().next().value);
  }
}

exports.Lru = Lru;
