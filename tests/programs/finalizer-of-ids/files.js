// heapmark: nothing
// Closes files when nobody uses them any more, as `finalizer-holds` does, and remembers only their ids.
'use strict';

class File {
  constructor(id) {
    this.id = id;
    this.lines = Array.from({ length: 10 }, (_, i) => `line ${i} of file ${id}`);
  }
}

const open = new Map();

const registry = new FinalizationRegistry((id) => {
  open.delete(id);
});

function read(id) {
  const file = new File(id);
  open.set(id, Date.now());
  registry.register(file, id);
  return file.lines.length;
}

let ids = 0;

/** Reads 300 files. Waits, because V8 finalizes between tasks. */
async function round() {
  for (let i = 0; i < 300; i++) {
    if (read(`file-${++ids}`) !== 10) throw new Error(`file ${ids} is incomplete`);
    if (i % 50 === 0) await new Promise((resolve) => { setImmediate(resolve); });
  }
}

module.exports = { round };
