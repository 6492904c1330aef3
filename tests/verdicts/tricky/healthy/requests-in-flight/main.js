// Bounded: requests under way, each forgotten after 400 milliseconds, under growing load.
'use strict';

const inflight = new Map();

let seq = 0;
let load = 0;

async function handle(req) {
  const id = ++seq;
  inflight.set(id, { req, started: performance.now(), trace: new Array(40).fill(id + 0.5) });
  try {
    await new Promise((r) => setTimeout(r, 400));
  } finally {
    inflight.delete(id);
  }
}

exports.work = async (n) => {
  load += n;
  for (let i = 0; i < load; i++) handle({ url: '/' + i });
  await new Promise((r) => setTimeout(r, 60));
};
