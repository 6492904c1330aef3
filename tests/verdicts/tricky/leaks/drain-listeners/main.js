// Leaks: a stream that nobody reads never drains, and each write waits for that with a listener.
'use strict';

const { PassThrough } = require('node:stream');

const sink = new PassThrough({ highWaterMark: 64 }); // heapmark: holder
sink.setMaxListeners(0);
sink.write('x'.repeat(100));

function send(line) {
  return new Promise((resolve) => {
    const context = { line, copy: new Array(40).fill(line.length + 0.5) };
    if (sink.writableNeedDrain) sink.once('drain', () => resolve(context)); // heapmark: grows
    else {
      sink.write(line);
      resolve(context);
    }
  });
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) send('line ' + ++k);
  await new Promise((r) => setImmediate(r));
};
