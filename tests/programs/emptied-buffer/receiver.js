// heapmark: nothing, not even external-memory
// Collects what it receives in one buffer, as `growing-buffer` does, and keeps only what was not read yet.
'use strict';

let received = Buffer.alloc(0);

function receive(chunk) {
  received = Buffer.concat([received, chunk]);
}

function next() {
  const length = received.readUInt32BE(0);
  const message = received.toString('latin1', 4, 4 + length);
  received = Buffer.from(received.subarray(4 + length));
  return message;
}

/** Receives and reads 40 messages of 9 kB; two are always on their way. */
function round() {
  for (let i = 0; i < 40; i++) {
    const message = Buffer.alloc(9004, 'm');
    message.writeUInt32BE(9000, 0);
    receive(message);
    if (received.length > 20_000 && next().length !== 9000) throw new Error('a message is damaged');
  }
}

round();

module.exports = { round };
