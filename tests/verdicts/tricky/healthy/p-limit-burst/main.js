// Bounded: builds under way are shared, and forgotten when they are done; a burst of them waits its turn.
'use strict';

const pLimit = require('p-limit');

const limit = pLimit(4);
const results = new Map();

let k = 0;

async function build(name) {
  if (results.has(name)) return results.get(name);
  const p = limit(async () => {
    await new Promise((r) => setTimeout(r, 30));
    return { name, out: new Array(50).fill(0.5) };
  });
  results.set(name, p);
  p.finally(() => results.delete(name));
  return p;
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) build('asset' + ++k);
  await new Promise((r) => setTimeout(r, 100));
};
