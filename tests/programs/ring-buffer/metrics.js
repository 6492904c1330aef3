// heapmark: nothing
// Keeps the last thousand samples. It takes more than one round until there are as many.
'use strict';

class Ring {
  constructor(capacity) {
    this.capacity = capacity;
    this.items = [];
    this.next = 0;
  }

  add(item) {
    this.items[this.next % this.capacity] = item;
    this.next += 1;
  }
}

const samples = new Ring(1000);
let clock = 0;

/** Seven hundred samples. */
function round() {
  for (let i = 0; i < 700; i++) samples.add({ at: ++clock, route: `/page/${i % 9}`, millis: i % 200 });
  if (samples.items.length > 1000) throw new Error('the ring has burst');
}

module.exports = { round };
