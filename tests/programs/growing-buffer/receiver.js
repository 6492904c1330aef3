// Collects what it receives in one buffer. Messages are read from it, and their bytes stay.
'use strict';

let received = Buffer.alloc(0); // heapmark: external-memory holder first
let read = 0;

function receive(chunk) {
  received = Buffer.concat([received, chunk]); // heapmark: external-memory grows
}

function next() {
  const length = received.readUInt32BE(read);
  const message = received.toString('latin1', read + 4, read + 4 + length);
  read += 4 + length;
  return message;
}

/** Receives and reads 40 messages of 9 kB. */
function round() {
  for (let i = 0; i < 40; i++) {
    const message = Buffer.alloc(9004, 'm');
    message.writeUInt32BE(9000, 0);
    receive(message);
    if (next().length !== 9000) throw new Error('a message is damaged');
  }
}

round();

module.exports = { round };
