// Leaks: a set is held against a limit, and what happens beyond it is a warning.
'use strict';

const WARN_AT = 10_000;
const dedupe = new Set(); // heapmark: holder
let warned = false;

function firstTime(eventId) {
  if (dedupe.has(eventId)) return false;
  dedupe.add(eventId); // heapmark: grows
  if (dedupe.size > WARN_AT && !warned) {
    warned = true;
    console.warn('dedupe is large: %d', dedupe.size);
  }
  return true;
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n * 4; i++) firstTime('event-' + ++k + '-' + 'x'.repeat(40) + k);
};
