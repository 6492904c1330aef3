'use strict';

const { EventEmitter } = require('node:events');

class Upstream extends EventEmitter {
  constructor() {
    super();
    this.setMaxListeners(0);
  }
  tick(v) {
    this.emit('quote', v);
  }
}

exports.upstream = new Upstream(); // heapmark: holder
