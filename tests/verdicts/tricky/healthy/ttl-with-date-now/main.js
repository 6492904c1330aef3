// Bounded: entries live ten minutes by `Date.now()`, and a timer sweeps each minute.
'use strict';

const { TtlCache } = require('./ttl');

const weather = new TtlCache(10 * 60_000);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = 'zip' + ++k;
    if (!weather.get(key))
      weather.set(key, { key, hours: Array.from({ length: 24 }, (_, h) => h + k / 7) });
  }
};
