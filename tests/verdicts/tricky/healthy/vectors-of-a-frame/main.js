// Bounded: vectors are reused; a frame takes as many as it needs, and gives all back.
'use strict';

class Vector {
  constructor() {
    this.x = 0;
    this.y = 0;
    this.z = 0;
    this.tags = [];
  }
}

const free = [];

function take() {
  return free.length > 0 ? free.pop() : new Vector();
}

function give(vector) {
  vector.x = vector.y = vector.z = 0;
  vector.tags.length = 0;
  free.push(vector);
}

exports.work = async (n) => {
  const used = [];
  for (let i = 0; i < 10 * n; i++) {
    const vector = take();
    vector.x = i;
    used.push(vector);
  }
  used.forEach(give);
};
