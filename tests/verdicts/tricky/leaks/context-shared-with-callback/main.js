// Leaks: a callback that is kept shares its context with one that used the whole body.
'use strict';

const callbacks = new Map(); // heapmark: holder

function upload(id, body) { // heapmark: leaked
  const digest = body.reduce((a, b) => (a + b) % 65521, 1);
  const check = () => body.length === 4000; // heapmark: leaked
  check();
  callbacks.set(id, () => digest); // heapmark: grows
  setImmediate(() => {
    if (id % 2) callbacks.delete(id);
  });
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    upload(++k, Buffer.alloc(4000, k));
    if (i % 20 === 0) await new Promise((r) => setImmediate(r));
  }
  await new Promise((r) => setImmediate(r));
};
