// Limits how often an address may ask. The counters are plain numbers under the addresses; none is
// ever removed.
'use strict';

const hits = {}; // heapmark: growing-collection holder first

function mayAsk(address) {
  hits[address] = (hits[address] ?? 0) + 1; // heapmark: growing-collection grows
  return hits[address] <= 100;
}

let addresses = 0;

/** Six hundred requests, most of them from addresses that were never seen before. */
function round() {
  for (let i = 0; i < 600; i++) {
    if (i % 4) addresses += 1;
    const address = `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
    if (!mayAsk(address)) throw new Error(`${address} asks too often`);
  }
}

module.exports = { round };
