// heapmark: nothing
// Remembers when each request began, and what it touched, for as long as the request lives.
'use strict';

const facts = new WeakMap();
const seen = new WeakSet();
const recent = [];

function accept(id) {
  const request = { id, path: `/page/${id}` };
  facts.set(request, { startedAt: Date.now(), touched: [`table ${id % 9}`, `index ${id % 5}`] });
  seen.add(request);
  recent.push(request);
  if (recent.length > 50) recent.shift();
  return request;
}

let ids = 0;

/** Six hundred requests; the last fifty are still known. */
function round() {
  for (let i = 0; i < 600; i++) {
    const request = accept(++ids);
    if (!facts.has(request) || !seen.has(request)) throw new Error(`nothing is known of ${ids}`);
  }
}

module.exports = { round };
