// The one bus of the process: prices that change are announced here.
'use strict';

const { EventEmitter } = require('node:events');

const bus = new EventEmitter(); // heapmark: growing-listeners holder
bus.setMaxListeners(0); // "the warning was annoying"

function announce(symbol, price) {
  bus.emit('price', { symbol, price });
}

module.exports = { announce, bus };
