// Leaks: a package's cache has a lifetime of a day and no limit; each token is new.
'use strict';

const { verify } = require('./tokens');
const { randomUUID } = require('node:crypto');

exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const t = randomUUID();
    verify(t);
    verify(t);
  }
};
