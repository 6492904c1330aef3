// Downloads files. Every download wants to know when the program shuts down; the listener stays on
// the signal when the download has long been finished.
'use strict';

const shutdown = new AbortController(); // heapmark: growing-listeners holder

class Download {
  constructor(name, bytes) {
    this.name = name;
    this.chunks = Array.from({ length: 4 }, (_, i) => `${name} part ${i} of ${bytes}`);
    this.finished = false;
  }
}

async function fetchFile(name) {
  const download = new Download(name, 4096 + name.length);
  shutdown.signal.addEventListener('abort', () => { // heapmark: growing-listeners grows first
    if (!download.finished) download.chunks.length = 0;
  });
  await null;
  download.finished = true;
  return download.chunks.length;
}

let files = 0;

/** Downloads 250 files. */
async function round() {
  for (let i = 0; i < 250; i++) {
    const parts = await fetchFile(`file-${++files}.bin`);
    if (parts !== 4) throw new Error(`file ${files} is incomplete`);
  }
}

module.exports = { round };
