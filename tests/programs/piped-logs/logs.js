// Every request has a log of its own, which is piped into the common one and never ended.
'use strict';

const { PassThrough, Writable } = require('node:stream');

class Log extends Writable {
  lines = 0;

  _write(_chunk, _encoding, done) {
    this.lines += 1;
    done();
  }
}

const common = new Log(); // heapmark: growing-listeners holder
common.setMaxListeners(0);

function logOf(request) {
  const log = new PassThrough();
  log.pipe(common, { end: false }); // heapmark: growing-listeners grows first
  log.write(`request ${request}\n`);
  return log;
}

let requests = 0;

/** Answers 150 requests. */
async function round() {
  for (let i = 0; i < 150; i++) logOf(++requests);
  await new Promise(setImmediate);
}

module.exports = { round };
