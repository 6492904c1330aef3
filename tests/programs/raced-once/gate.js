// A gate that opens once in a while. Who waits for it gives up soon, but the listener of once() waits on.
'use strict';

const { EventEmitter, once } = require('node:events');
const { setImmediate: soon } = require('node:timers/promises');

const gate = new EventEmitter(); // heapmark: growing-listeners holder
gate.setMaxListeners(0);

async function enter(visitor) {
  const ticket = { visitor, seats: Array.from({ length: 10 }, (_, seat) => ({ seat, visitor })) };
  await Promise.race([once(gate, 'open'), soon()]); // heapmark: growing-listeners grows first
  return ticket.seats.length;
}

let visitors = 0;

/** Lets 150 visitors wait in front of the gate. */
async function round() {
  await Promise.all(Array.from({ length: 150 }, () => enter(++visitors)));
}

module.exports = { round };
