// Bounded: the newest 2500 lines: beyond that, a slice takes the place of the array.
'use strict';

const KEEP = 2500;
let lines = [];

function log(level, msg) {
  lines.push({ level, msg, at: new Date() });
  if (lines.length > KEEP) lines = lines.slice(-KEEP);
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) log('info', 'line ' + ++k);
};
