// Remembers for each view which one was shown before it. The map is weak, but the value of each key is
// the key before: the newest view keeps them all.
'use strict';

class View { // heapmark: leaking-instances leaked first
  constructor(id) {
    this.id = id;
    this.lines = Array.from({ length: 10 }, (_, i) => `line ${i} of view ${id}`);
  }
}

const before = new WeakMap(); // heapmark: leaking-instances holder
let shown = new View(0);

function show(view) {
  before.set(view, shown); // heapmark: leaking-instances grows
  shown = view;
}

let ids = 0;

/** Shows 300 views. */
function round() {
  for (let i = 0; i < 300; i++) show(new View(++ids));
  if (before.get(shown).id !== ids - 1) throw new Error('a view is lost');
}

module.exports = { round };
