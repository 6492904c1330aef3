// Notes what happens in a stream, for whoever wants to read it. Nobody does.
'use strict';

const { PassThrough } = require('node:stream');

const audit = new PassThrough(); // heapmark: growing-collection holder first

const DETAILS = 'method=GET status=200 '.repeat(8);
let entries = 0;

function note(action) {
  entries += 1;
  audit.write(`${new Date().toISOString()} entry ${entries}: ${action} ${DETAILS}\n`); // heapmark: growing-collection grows
}

/** Notes 500 actions. */
function round() {
  for (let i = 0; i < 500; i++) note(`request ${i} was answered in ${i % 40} ms`);
  if (audit.readableLength === 0) throw new Error('somebody reads it');
}

module.exports = { round };
