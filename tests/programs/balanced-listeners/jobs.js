// heapmark: nothing
// Runs jobs. Each of them listens for a stop signal and has a time limit, and cleans up both.
'use strict';

const { EventEmitter } = require('node:events');

const signals = new EventEmitter();
signals.setMaxListeners(0);
const running = new Map();

class Job {
  constructor(id, steps) {
    this.id = id;
    this.steps = steps;
    this.stopped = false;
    this.results = [];
  }

  async run() {
    const onStop = () => {
      this.stopped = true;
    };
    const limit = setTimeout(onStop, 60_000);
    const progress = setInterval(() => this.results.length, 10_000);
    signals.on('stop', onStop);
    running.set(this.id, this);
    try {
      for (let step = 0; step < this.steps && !this.stopped; step++) {
        this.results.push({ step, at: Date.now() });
        await new Promise(setImmediate);
      }
      return this.results.length;
    } finally {
      running.delete(this.id);
      signals.off('stop', onStop);
      clearInterval(progress);
      clearTimeout(limit);
    }
  }
}

let jobs = 0;

/** 200 jobs of three steps, all at the same time. */
async function round() {
  const work = Array.from({ length: 200 }, () => new Job(++jobs, 3).run());
  await Promise.all(work);
  if (running.size || signals.listenerCount('stop')) throw new Error('a job did not clean up');
}

module.exports = { round };
