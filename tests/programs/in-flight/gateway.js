// heapmark: nothing
// A gateway in front of a slow service. Some requests are always waiting; there happen to be more of
// them in each round, but never the same ones.
'use strict';

class Call {
  constructor(id) {
    this.id = id;
    this.headers = { accept: 'application/json', trace: `trace-${id}` };
    this.done = new Promise((resolve) => { this.finish = resolve; });
  }
}

const waiting = new Map();
let ids = 0;

async function forward() {
  const call = new Call(++ids);
  waiting.set(call.id, call);
  const answer = await call.done;
  return answer.length + call.id;
}

function answerAll() {
  for (const call of waiting.values()) {
    call.finish('an answer');
    waiting.delete(call.id);
  }
}

let rounds = 0;

/** Everybody who waits gets an answer; then others come, forty more than last time. */
async function round() {
  answerAll();
  await new Promise((resolve) => { setImmediate(resolve); });
  rounds += 1;
  for (let i = 0; i < 60 + 40 * rounds; i++) forward();
}

module.exports = { round };
