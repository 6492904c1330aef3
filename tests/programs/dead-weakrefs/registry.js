// Knows every view that is shown, without keeping it alive. What stays are the entries, with
// references to nothing.
'use strict';

class View {
  constructor(id) {
    this.id = id;
    this.lines = Array.from({ length: 5 }, (_, i) => `view ${id}, line ${i}`);
  }
}

const views = new Map(); // heapmark: dead-weakrefs holder first

function show(id) {
  const view = new View(id);
  views.set(`view-${id}`, new WeakRef(view)); // heapmark: dead-weakrefs grows
  return view.lines.length;
}

let ids = 0;

/** Shows 400 views. Waits, because a reference holds until the current task ends. */
async function round() {
  for (let i = 0; i < 400; i++) {
    if (show(++ids) !== 5) throw new Error(`view ${ids} is incomplete`);
    if (i % 50 === 0) await new Promise((resolve) => { setImmediate(resolve); });
  }
}

module.exports = { round };
