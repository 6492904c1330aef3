// Leaks: as lru-cache-without-max, with the package outside the folder that is open.
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
