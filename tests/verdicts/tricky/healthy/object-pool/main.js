// Bounded: objects that are reused, of which at most 2048 are kept, under growing load.
'use strict';

class Vec {
  constructor() {
    this.data = new Float64Array(128);
    this.tag = null;
  }
  reset() {
    this.data.fill(0);
    this.tag = null;
    return this;
  }
}

const free = [];
const take = () => free.pop() ?? new Vec();
const give = (v) => {
  if (free.length < 2048) free.push(v.reset());
};

let width = 0;
exports.work = async (n) => {
  width += n;
  const used = [];
  for (let i = 0; i < width; i++) used.push(take());
  await null;
  used.forEach(give);
};
