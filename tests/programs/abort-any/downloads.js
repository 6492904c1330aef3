// Downloads can be stopped one by one, and all together when the program ends. Each listens to a signal
// that is combined of both, and never stops listening.
'use strict';

const shutdown = new AbortController(); // heapmark: growing-listeners holder

class Download {
  constructor(id) {
    this.id = id;
    this.parts = Array.from({ length: 8 }, (_, i) => `part ${i} of download ${id}`);
  }
}

async function download(id) {
  const own = new AbortController();
  const signal = AbortSignal.any([shutdown.signal, own.signal]);
  const job = new Download(id);
  signal.addEventListener('abort', () => { job.parts.length = 0; }); // heapmark: growing-listeners grows first
  await null;
  return job.parts.length;
}

let ids = 0;

/** Downloads 300 files. Waits in between, so that what nobody holds can be collected. */
async function round() {
  for (let i = 0; i < 300; i++) {
    if ((await download(++ids)) !== 8) throw new Error(`download ${ids} is incomplete`);
    if (i % 50 === 0) await new Promise((resolve) => { setImmediate(resolve); });
  }
}

module.exports = { round };
