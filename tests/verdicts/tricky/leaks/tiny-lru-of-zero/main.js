// Leaks: the limit comes from the environment, where it is not set; zero means none to the package.
'use strict';

const { lru } = require('tiny-lru');

const options = { max: Number(process.env.MAX_VIEWS ?? 0) };
const views = lru(options.max); // heapmark: holder

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const key = '/v/' + ++k;
    if (!views.get(key)) views.set(key, { key, v: new Array(40).fill(k + 0.5) }); // heapmark: grows
  }
};
