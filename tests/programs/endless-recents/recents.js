// Pages by their address, linked from the newest to the oldest, so that the oldest could be dropped. Nobody does.
'use strict';

class Recents {
  constructor() {
    this.pages = new Map(); // heapmark: growing-collection holder first alone
    this.newest = null;
  }

  put(address, text) {
    const entry = { address, text, older: this.newest, newer: null };
    if (this.newest) this.newest.newer = entry;
    this.newest = entry;
    this.pages.set(address, entry); // heapmark: growing-collection grows
  }
}

const recents = new Recents();

let pages = 0;

/** Shows 200 pages. */
function round() {
  for (let i = 0; i < 200; i++) {
    const address = `/page/${++pages}`;
    recents.put(address, Array.from({ length: 20 }, (_, line) => `${address}, line ${line}`));
  }
}

module.exports = { round };
