// Reads messages of several topics. What each topic needs stands in the block that sets it up, counters
// among it: V8 writes no links for small integers, and no names for the variables of a block.
'use strict';

const readers = [];

for (const topic of ['orders', 'invoices']) {
  let received = 0;
  const bySender = new Map(); // heapmark: growing-collection holder first
  let refused = 0;
  readers.push((message) => {
    received += 1;
    if (message.topic !== topic) {
      refused += 1;
      return;
    }
    bySender.set(`${message.sender}/${received}`, message); // heapmark: growing-collection grows
  });
}

if (readers.length > 0) {
  let next = 0;
  const sizes = [];
  const texts = []; // heapmark: growing-collection holder
  exports.round = async () => {
    for (let i = 0; i < 400; i++) {
      const topic = i % 2 === 0 ? 'orders' : 'invoices';
      const message = { topic, sender: `sender-${next++}`, text: 'Hello. '.repeat(5) + next };
      for (const read of readers) read(message);
      texts.push(`${message.sender}: ${message.text}`); // heapmark: growing-collection grows
    }
    sizes[0] = texts.length;
  };
}
