// heapmark: nothing
// The newest four to eight hundred entries, in two tables that are turned over. After every other round
// the newer one has just begun and is empty; a round later it is the older one, and full.
'use strict';

class Window {
  constructor(size) {
    this.size = size;
    this.count = 0;
    this.now = new Map();
    this.before = new Map();
  }

  add(key, value) {
    this.now.set(key, value);
    if (++this.count < this.size) return;
    this.count = 0;
    this.before = this.now;
    this.now = new Map();
  }
}

const seen = new Window(400);
let number = 0;

/** Six hundred entries. */
function round() {
  for (let i = 0; i < 600; i++) seen.add(`key ${++number}`, { number, words: Array(20).fill(number) });
}

// It has been in use before anybody looks.
round();

module.exports = { round };
