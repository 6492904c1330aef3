// A scheduler that finds its jobs by name, and keeps them in order with the times at which they are
// due. Jobs that have run leave neither.
'use strict';

const RULES = 'A job runs once, and never while another of its name does. '.repeat(12);

class Job { // heapmark: growing-collection leaked
  constructor(name) {
    this.name = name;
    this.rules = Buffer.from(RULES).toString('latin1'); // a copy of the text each time
    this.history = Array.from({ length: 12 }, (_, day) => ({ day, took: name.length * day }));
  }
}

const byName = {}; // heapmark: growing-collection holder first alone
const order = []; // heapmark: growing-collection holder

function schedule(name, due) {
  const job = new Job(name);
  byName[name] = job; // heapmark: growing-collection grows
  order.push({ due, job }); // heapmark: growing-collection grows
}

let names = 0;

/** Two hundred jobs. */
function round() {
  for (let i = 0; i < 200; i++) schedule(`job ${++names}`, Date.now() + i);
  if (order.at(-1).job !== byName[`job ${names}`]) throw new Error('a job is lost');
}

module.exports = { round };
