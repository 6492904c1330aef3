// Leaks: two classes call their store `cache`; one deletes from it, the other does not.
'use strict';

const { UserCache, TokenCache } = require('./stores');

const users = new UserCache();
const tokens = new TokenCache();

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    k++;
    users.get(k);
    tokens.get(k);
    tokens.drop(k);
  }
};
