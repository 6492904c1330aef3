// Bounded: buffers are reused; there are as many as were ever in use at once.
'use strict';

class Buffers {
  constructor(size) {
    this.size = size;
    this.idle = [];
  }
  acquire() {
    return this.idle.pop() ?? this.#make();
  }
  release(buffer) {
    this.idle.push(buffer);
  }
  #make() {
    return Buffer.allocUnsafeSlow(this.size);
  }
}

const buffers = new Buffers(16_384);

async function answer(i) {
  const buffer = buffers.acquire();
  buffer[0] = i;
  await new Promise((resolve) => setTimeout(resolve, 2));
  buffers.release(buffer);
}

exports.work = (n) => Promise.all(Array.from({ length: n }, (_, i) => answer(i)));
