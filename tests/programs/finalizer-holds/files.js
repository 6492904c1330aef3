// Closes files when nobody uses them any more. What the registry is told about a file has the file in it,
// so no file is ever collected.
'use strict';

class File { // heapmark: leaking-instances leaked first
  constructor(id) {
    this.id = id;
    this.lines = Array.from({ length: 10 }, (_, i) => `line ${i} of file ${id}`);
  }
}

let closed = 0;

const registry = new FinalizationRegistry(() => { // heapmark: leaking-instances holder
  closed += 1;
});

function open(id) {
  const file = new File(id);
  registry.register(file, { file, at: Date.now() });
  return file.lines.length;
}

let ids = 0;

/** Opens 300 files. Waits, because V8 finalizes between tasks. */
async function round() {
  for (let i = 0; i < 300; i++) {
    if (open(++ids) !== 10) throw new Error(`file ${ids} is incomplete`);
    if (i % 50 === 0) await new Promise((resolve) => { setImmediate(resolve); });
  }
  if (closed > 0) throw new Error('a file was collected');
}

module.exports = { round };
