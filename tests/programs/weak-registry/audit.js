// Remembers who asked for what, for each service. A WeakMap lets go of what it knows of a service when
// the service goes; this one lives as long as the program.
'use strict';

const trails = new WeakMap(); // heapmark: growing-collection holder first alone
const billing = { name: 'billing' };

function trailOf(service) {
  let trail = trails.get(service);
  if (!trail) {
    trail = new Map();
    trails.set(service, trail); // heapmark: growing-collection grows
  }
  return trail;
}

let requests = 0;

/** Three hundred requests, all to one service. */
function round() {
  for (let i = 0; i < 300; i++) {
    const id = ++requests;
    trailOf(billing).set(`request ${id}`, { id, at: Date.now(), steps: [`step ${id % 7}`, `${id} is done`] });
  }
  if (!trailOf(billing).has(`request ${requests}`)) throw new Error('the trail is cold');
}

module.exports = { billing, round };
