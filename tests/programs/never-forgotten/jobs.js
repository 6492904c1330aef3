// Jobs that are measured, timed and asked about. Node.js remembers the mark and the label of each, and
// each question leaves an interface that still reads its input.
'use strict';

const { PassThrough } = require('node:stream');
const { performance } = require('node:perf_hooks');
const readline = require('node:readline');

const answers = new PassThrough(); // heapmark: growing-listeners holder
answers.setMaxListeners(0);

function ask(question) {
  const asked = readline.createInterface({ input: answers }); // heapmark: growing-listeners grows
  return new Promise((resolve) => {
    asked.once('line', resolve);
    answers.write(`yes, ${question}\n`);
  });
}

let jobs = 0;

async function run() {
  const name = `job ${++jobs}`;
  performance.mark(name, { detail: { name, steps: [1, 2, 3] } }); // heapmark: growing-collection grows
  console.time(name); // heapmark: growing-collection grows
  if (jobs % 10 > 0) return;
  const answer = await ask(name);
  if (!answer.startsWith('yes')) throw new Error(`nobody answers: ${answer}`);
}

/** 400 jobs; every tenth asks a question. */
async function round() {
  for (let i = 0; i < 400; i++) await run();
}

module.exports = { round };
