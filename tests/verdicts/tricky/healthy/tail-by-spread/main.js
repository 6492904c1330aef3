// Bounded: the newest 2500 lines, in an array that is made anew with each line.
'use strict';

const KEEP = 2500;
let lines = [];

function log(level, msg) {
  lines = [...lines.slice(-(KEEP - 1)), { level, msg, at: new Date() }];
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) log('info', 'line ' + ++k);
};
