// heapmark: nothing
// A pool of buffers. It grows to as many as are in use at once, and gives them out again.
'use strict';

class Pool {
  constructor(size) {
    this.size = size;
    this.free = [];
    this.made = 0;
  }

  take() {
    const buffer = this.free.pop();
    if (buffer) return buffer;
    this.made += 1;
    return { id: this.made, bytes: Buffer.alloc(this.size) };
  }

  give(buffer) {
    this.free.push(buffer);
  }
}

const pool = new Pool(512);

async function compress(text) {
  const buffer = pool.take();
  try {
    buffer.bytes.write(text);
    await null;
    return buffer.bytes.indexOf(0);
  } finally {
    pool.give(buffer);
  }
}

/** Ten times 80 texts at once. */
async function round() {
  for (let i = 0; i < 10; i++) {
    const lengths = await Promise.all(Array.from({ length: 80 }, (_, k) => compress(`text ${i} ${k}`)));
    if (lengths.some((length) => length < 6)) throw new Error('a text is lost');
  }
}

module.exports = { round };
