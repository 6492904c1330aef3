// Bounded: a queue that makes those wait who add to it beyond 2000 jobs.
'use strict';

class WorkQueue {
  constructor(limit, worker) {
    this.limit = limit;
    this.worker = worker;
    this.waiting = [];
    this.busy = 0;
    this.blocked = [];
  }
  async add(job) {
    if (this.waiting.length >= this.limit) await new Promise((r) => this.blocked.push(r));
    this.waiting.push(job);
    this.#next();
  }
  #next() {
    while (this.busy < 2 && this.waiting.length) {
      const job = this.waiting.shift();
      this.busy++;
      this.worker(job).finally(() => {
        this.busy--;
        const b = this.blocked.shift();
        if (b) b();
        this.#next();
      });
    }
  }
}

const queue = new WorkQueue(2000, (job) => new Promise((r) => setTimeout(r, 25, job.id)));

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++)
    await queue.add({ id: ++k, text: Array.from({ length: 10 }, (_, j) => 'row ' + j + ' ' + k) });
};
