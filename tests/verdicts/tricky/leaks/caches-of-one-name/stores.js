'use strict';

class UserCache {
  constructor() {
    this.cache = new Map(); // heapmark: holder
  }
  get(id) {
    let u = this.cache.get(id);
    if (!u) {
      u = { id, roles: ['r' + id, 's' + id], blob: new Array(40).fill(id + 0.5) };
      this.cache.set(id, u); // heapmark: grows
    }
    return u;
  }
}

class TokenCache {
  constructor() {
    this.cache = new Map();
  }
  get(id) {
    let t = this.cache.get(id);
    if (!t) {
      t = { id };
      this.cache.set(id, t);
    }
    return t;
  }
  drop(id) {
    this.cache.delete(id);
  }
}

module.exports = { UserCache, TokenCache };
