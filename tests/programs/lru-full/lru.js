// A cache that keeps the entries used last and lets go of the others.
'use strict';

class LruCache {
  #entries = new Map();

  constructor(maximum) {
    this.maximum = maximum;
  }

  get(key) {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.maximum) {
      this.#entries.delete(this.#entries.keys().next().value);
    }
  }

  get size() {
    return this.#entries.size;
  }
}

module.exports = { LruCache };
