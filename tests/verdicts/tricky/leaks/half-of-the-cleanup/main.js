// Leaks: two maps are filled together, and only one is cleaned up.
'use strict';

const streams = new Map();

// What is known of each.
const meta = new Map(); // heapmark: holder

function open(id) {
  streams.set(id, { id });
  const tags = ['a' + id, 'b' + id];
  meta.set(id, { id, tags, v: new Array(40).fill(id + 0.5) }); // heapmark: grows
}

function close(id) {
  streams.delete(id);
}

function reset() {
  meta.clear();
}

exports.reset = reset;

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    open(++k);
    close(k);
  }
};
