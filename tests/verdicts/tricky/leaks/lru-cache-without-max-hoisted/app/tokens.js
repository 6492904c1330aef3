'use strict';

const { LRUCache } = require('lru-cache');

const tokens = new LRUCache({ ttl: 1000 * 60 * 60 * 24, max: 0 || undefined }); // heapmark: holder

exports.verify = function verify(token) {
  const hit = tokens.get(token);
  if (hit) return hit;
  const claims = {
    sub: token.slice(0, 8),
    scopes: ['read', 'write:' + token],
    raw: token + '.' + token,
  };
  tokens.set(token, claims); // heapmark: grows
  return claims;
};
