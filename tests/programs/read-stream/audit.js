// heapmark: nothing, not even growing-collection
// Notes what happens in a stream, as `unread-stream` does. It is read.
'use strict';

const { PassThrough } = require('node:stream');

const audit = new PassThrough();
let read = 0;
audit.on('data', (chunk) => { read += chunk.length; });

const DETAILS = 'method=GET status=200 '.repeat(8);
let entries = 0;

function note(action) {
  entries += 1;
  return audit.write(`${new Date().toISOString()} entry ${entries}: ${action} ${DETAILS}\n`);
}

/** Notes 500 actions, and waits when the stream is full. */
async function round() {
  for (let i = 0; i < 500; i++) {
    const hasRoom = note(`request ${i} was answered in ${i % 40} ms`);
    if (!hasRoom) await new Promise((resolve) => { audit.once('drain', resolve); });
  }
  await new Promise((resolve) => { setImmediate(resolve); });
  if (read === 0) throw new Error('nothing was read');
}

module.exports = { round };
