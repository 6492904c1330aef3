// A pipeline of steps. Each request wraps another function around what was there.
'use strict';

let pipeline = (value) => value; // heapmark: leaking-closure holder

function extend(id) {
  const previous = pipeline;
  const name = `step of request ${id}`;
  pipeline = function step(value) { // heapmark: leaking-closure leaked first
    return value > 0 ? value : previous(value + name.length);
  };
}

let requests = 0;

/** Three hundred requests. */
function round() {
  for (let i = 0; i < 300; i++) extend(++requests);
  if (pipeline(1) !== 1) throw new Error('the pipeline is broken');
}

module.exports = { round };
