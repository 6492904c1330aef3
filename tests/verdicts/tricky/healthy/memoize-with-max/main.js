// Bounded: a function that remembers its newest 3000 results, trimmed by a helper.
'use strict';

const memoize = require('./memo');

const parse = memoize((q) => ({ q, terms: q.split(' ').map((t) => ({ t, w: Math.random() })) }));

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) parse('find ' + ++k + ' red shoes of size ' + k);
};
