'use strict';

const pending = new Map(); // heapmark: holder

async function fetchPrice(sku, at) {
  await new Promise((r) => setImmediate(r));
  if (sku.endsWith('7')) return { sku, at, cents: 100 };
  throw new Error('no price for ' + sku + ' at ' + at);
}

function priceOf(sku, at) {
  const key = sku + '@' + at;
  let p = pending.get(key);
  if (!p) {
    p = fetchPrice(sku, at);
    pending.set(key, p); // heapmark: grows
    p.then(
      () => pending.delete(key),
      () => {},
    );
  }
  return p;
}

module.exports = { priceOf };
