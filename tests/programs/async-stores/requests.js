// Keeps what belongs to a request in an AsyncLocalStorage. Each interval that is started on the way
// remembers the context it was started in.
'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

class Context { // heapmark: uncleared-timers leaked
  constructor(id) {
    this.id = id;
    this.notes = Array.from({ length: 20 }, (_, i) => `note ${i} on request ${id}`);
  }
}

const contexts = new AsyncLocalStorage();

function tick() {} // called for its own sake

function handle(id) {
  return contexts.run(new Context(id), () => {
    setInterval(tick, 60_000); // heapmark: uncleared-timers grows first
    return contexts.getStore().notes.length;
  });
}

let requests = 0;

/** Answers 200 requests. */
function round() {
  for (let i = 0; i < 200; i++) {
    if (handle(++requests) !== 20) throw new Error(`request ${requests} lost its context`);
  }
}

module.exports = { round };
