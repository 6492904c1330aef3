// Runs jobs that can be stopped together. Each job hands a function to `then` of one promise that
// lives as long as the program; what was handed over cannot be taken back.
'use strict';

class StopToken {
  constructor() {
    this.requested = new Promise((resolve) => { // heapmark: pending-promises holder
      this.stop = resolve;
    });
  }
}

class Job {
  constructor(number) {
    this.number = number;
    this.input = Array.from({ length: 6 }, (_, i) => ({ number, part: i }));
    this.state = 'running';
  }

  cancel(reason) {
    this.state = reason;
  }
}

const token = new StopToken();

async function run(number) {
  const job = new Job(number);
  token.requested.then((reason) => job.cancel(reason)); // heapmark: pending-promises grows first
  await null;
  job.state = 'done';
  return job.input.length;
}

let numbers = 0;

/** Runs 250 jobs. */
async function round() {
  for (let i = 0; i < 250; i++) {
    if ((await run(++numbers)) !== 6) throw new Error(`job ${numbers} failed`);
  }
}

module.exports = { round };
