'use strict';

class Channel {
  #items = []; // heapmark: holder
  #wake = null;
  push(item) {
    this.#items.push(item); // heapmark: grows
    if (this.#wake) {
      this.#wake();
      this.#wake = null;
    }
  }
  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#items.length) yield this.#items.shift();
      await new Promise((r) => {
        this.#wake = r;
      });
    }
  }
}

exports.Channel = Channel;
