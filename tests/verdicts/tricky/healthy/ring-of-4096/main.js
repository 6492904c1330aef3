// Bounded: a ring of 4096 slots that is being filled for the first time.
'use strict';

class Recent {
  constructor(size) {
    this.size = size;
    this.slots = [];
    this.at = 0;
  }
  add(x) {
    this.slots[this.at] = x;
    this.at = (this.at + 1) % this.size;
  }
}

const recent = new Recent(4096);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++)
    recent.add({ no: ++k, url: '/r/' + k, timing: new Array(40).fill(k + 0.25) });
};
