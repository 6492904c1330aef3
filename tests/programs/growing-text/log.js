// Keeps its log as one text that gets longer with every request.
'use strict';

let log = ''; // heapmark: growing-text holder first

function note(line) {
  log += `${new Date().toISOString()} ${line}\n`; // heapmark: growing-text grows
}

let requests = 0;

/** Notes 500 requests. */
function round() {
  for (let i = 0; i < 500; i++) note(`request ${++requests} was answered in ${i % 40} ms by worker ${i % 3}`);
  if (!log.startsWith('2')) throw new Error('the log is lost');
}

module.exports = { round };
