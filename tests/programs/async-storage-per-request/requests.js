// Gives each request a storage of its own. Node.js keeps a list of those that were used, until they are
// disabled.
'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

class Context {
  constructor(id) {
    this.id = id;
    this.notes = Array.from({ length: 6 }, (_, i) => `note ${i} on request ${id}`);
  }
}

async function handle(id) {
  const storage = new AsyncLocalStorage(); // heapmark: async-local-storage grows first before-node-24
  return storage.run(new Context(id), async () => {
    await null;
    return storage.getStore().notes.length;
  });
}

let requests = 0;

/** Answers 300 requests. */
async function round() {
  for (let i = 0; i < 300; i++) {
    if ((await handle(++requests)) !== 6) throw new Error(`request ${requests} lost its context`);
  }
}

module.exports = { round };
