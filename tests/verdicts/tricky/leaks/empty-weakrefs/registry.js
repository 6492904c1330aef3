'use strict';

const live = new Set(); // heapmark: holder

function track(doc) {
  live.add(new WeakRef(doc)); // heapmark: grows
  return doc;
}

function countLive() {
  let c = 0;
  for (const r of live) if (r.deref()) c++;
  return c;
}

module.exports = { track, countLive };
