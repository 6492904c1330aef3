// Leaks: a buffer of a fixed size whose position never goes back to the start.
'use strict';

class History {
  constructor(size) {
    this.size = size;
    this.slots = []; // heapmark: holder
    this.at = 0;
  }
  add(x) {
    this.slots[this.at++] = x; // heapmark: grows
    if (this.at === this.size) this.full = true;
  }
  last() {
    return this.slots[this.at - 1];
  }
}

const history = new History(100);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) history.add({ no: ++k, v: new Array(40).fill(k + 0.25) });
  history.last();
};
