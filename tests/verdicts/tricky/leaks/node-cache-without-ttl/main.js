// Leaks: a package's cache is given no lifetime, and each key is the id of a request.
'use strict';

const NodeCache = require('node-cache');

const byRequest = new NodeCache({ useClones: false }); // heapmark: holder

let k = 0;

function handle(id, body) {
  byRequest.set(id, { id, body, parts: ['a' + id, 'b' + id, 'c' + id] }); // heapmark: grows
  return byRequest.get(id).parts.length;
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) handle('req-' + ++k, new Array(40).fill(k + 0.5));
};
