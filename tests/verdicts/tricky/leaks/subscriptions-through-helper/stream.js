'use strict';

const { upstream } = require('./upstream');
const { subscribe } = require('./util');

class QuoteStream {
  constructor(symbol) {
    this.symbol = symbol;
    this.buffer = new Array(80).fill(symbol.length + 0.5);
  }
  start() {
    this.stop = subscribe(upstream, { // heapmark: grows
      quote: (v) => {
        this.last = v;
      },
      reset: () => {
        this.buffer.length = 0;
      },
    });
  }
  close(clean) {
    if (clean) this.stop();
    this.closed = true;
  }
}

exports.QuoteStream = QuoteStream;
