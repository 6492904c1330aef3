// Leaks: requests wait in a map for their replies; every third one is never replied to.
'use strict';

const waiting = new Map(); // heapmark: holder

let seq = 0;

function request(send, msg) {
  const id = ++seq;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, msg }); // heapmark: grows
    send({ id, msg });
  });
}

function onReply(reply) {
  const w = waiting.get(reply.id);
  if (!w) return;
  waiting.delete(reply.id);
  w.resolve(reply.value);
}

async function ask(i) {
  const v = await request(
    (m) => {
      if (i % 3) setImmediate(onReply, { id: m.id, value: 'ok' });
    },
    { i, payload: new Array(60).fill(i + 0.5) },
  );
  return v;
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    ask(i);
    if (i % 10 === 0) await new Promise((r) => setImmediate(r));
  }
  await new Promise((r) => setTimeout(r, 20));
};
