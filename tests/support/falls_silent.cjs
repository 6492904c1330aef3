'use strict';
// A file system that refuses whatever the kernel asks (file 3 is /dev/fuse), and answers nothing any more
// once it was asked how full it is, as often as the argument says.
const fs = require('node:fs');

const [FORGET, STATFS, INIT, INTERRUPT, BATCH_FORGET] = [2, 17, 26, 36, 42];
const EIO = -5;
let answers = Number(process.argv[2]);

const request = Buffer.alloc(1 << 17);
for (;;) {
  fs.readSync(3, request);
  const asked = request.readUInt32LE(4);
  if (asked === FORGET || asked === INTERRUPT || asked === BATCH_FORGET) continue;
  const body = Buffer.alloc(asked === INIT ? 64 : 0);
  if (asked === INIT) {
    body.writeUInt32LE(7, 0); // The version of the protocol, and below.
    body.writeUInt32LE(31, 4);
    body.writeUInt32LE(4096, 20); // As much is written at once.
  }
  const answer = Buffer.alloc(16 + body.length);
  answer.writeUInt32LE(answer.length, 0);
  answer.writeInt32LE(asked === INIT ? 0 : EIO, 4);
  request.copy(answer, 8, 8, 16); // Which request it is for.
  body.copy(answer, 16);
  fs.writeSync(3, answer);
  if (asked === STATFS && --answers === 0) process.exit();
}
