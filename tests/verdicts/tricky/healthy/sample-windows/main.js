// Bounded: five gauges, each with its newest 1000 samples.
'use strict';

const WINDOW = 1000;

class Gauge {
  constructor(n) {
    this.n = n;
    this.samples = [];
  }
  observe(v) {
    this.samples.push({ v, at: Date.now() });
    if (this.samples.length > WINDOW) this.samples.shift();
  }
}

const gauges = Object.fromEntries(
  ['cpu', 'mem', 'lag', 'rps', 'err'].map((n) => [n, new Gauge(n)]),
);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) for (const g of Object.values(gauges)) g.observe(++k / 7);
};
