// Bounded: a package's cache of 3000 entries.
'use strict';

const { lru } = require('tiny-lru');

const views = lru(3000);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = '/v/' + ++k;
    if (!views.get(key)) views.set(key, { html: Buffer.alloc(300, 65).toString() + k });
  }
};
