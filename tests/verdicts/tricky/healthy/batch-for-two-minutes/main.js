// Bounded: rows are collected for two minutes, then all are handed on.
'use strict';

class BatchWriter {
  constructor(sink, everyMs) {
    this.sink = sink;
    this.everyMs = everyMs;
    this.rows = [];
    this.timer = null;
  }
  write(row) {
    this.rows.push(row);
    if (!this.timer) this.timer = setTimeout(() => this.flush(), this.everyMs);
  }
  flush() {
    clearTimeout(this.timer);
    this.timer = null;
    const rows = this.rows;
    this.rows = [];
    this.sink(rows);
  }
}

let written = 0;
const writer = new BatchWriter((rows) => {
  written += rows.length;
}, 120_000);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++)
    writer.write({
      at: Date.now(),
      path: '/x/' + ++k,
      headers: { a: 'h' + k, b: 'g' + k, c: ['q' + k] },
    });
};
