'use strict';

class TtlCache {
  constructor(ttlMs, now = Date.now) {
    this.ttlMs = ttlMs;
    this.now = now;
    this.entries = new Map();
    this.sweeper = setInterval(() => this.sweep(), 60_000);
    this.sweeper.unref();
  }
  get(key) {
    const e = this.entries.get(key);
    if (!e) return undefined;
    if (e.until <= Date.now()) {
      this.entries.delete(key);
      return undefined;
    }
    return e.value;
  }
  set(key, value) {
    this.entries.set(key, { value, until: Date.now() + this.ttlMs });
  }
  sweep() {
    const t = Date.now();
    for (const [k, e] of this.entries) if (e.until <= t) this.entries.delete(k);
  }
}

exports.TtlCache = TtlCache;
