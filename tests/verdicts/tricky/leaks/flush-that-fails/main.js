// Leaks: rows are dropped after they are sent; sending fails, and the flag of one under way stays set.
'use strict';

class Outbox {
  constructor(send) {
    this.send = send;
    this.rows = []; // heapmark: holder
    this.flushing = false;
    setInterval(() => this.flush().catch(() => {}), 100).unref();
  }
  add(row) {
    this.rows.push(row); // heapmark: grows
  }
  async flush() {
    if (this.flushing || !this.rows.length) return;
    this.flushing = true;
    const batch = this.rows;
    await this.send(batch);
    this.rows = [];
    this.flushing = false;
  }
}

const outbox = new Outbox(async (rows) => {
  if (rows.length) throw new Error('ECONNREFUSED');
});

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++)
    outbox.add({ no: ++k, tags: ['x' + k, 'y' + k], v: new Array(30).fill(k + 0.5) });
};
