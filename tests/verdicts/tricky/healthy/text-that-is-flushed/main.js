// Bounded: a text that is written to a file when it has 256 kilobytes.
'use strict';

const fs = require('node:fs');

let text = '';

function log(line) {
  text += line + '\n';
  if (text.length > 256 * 1024) flush();
}

function flush() {
  const out = text;
  text = '';
  fs.writeFileSync('/dev/null', out);
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) log('request ' + ++k + ' took ' + (k % 90) + ' ms and returned 200');
};
