// Panels that follow the size of a window. A panel listens itself, with its method `handleEvent`, and
// is never told to stop.
'use strict';

const { setMaxListeners } = require('node:events');

const screen = new EventTarget(); // heapmark: growing-listeners holder
setMaxListeners(0, screen);

class Panel {
  constructor(title) {
    this.title = title;
    this.rows = Array.from({ length: 6 }, (_, i) => ({ i, text: `${title}, row ${i}` }));
  }

  show() {
    screen.addEventListener('resize', this); // heapmark: growing-listeners grows first
    return this;
  }

  handleEvent() { // heapmark: growing-listeners leaked
    this.rows.length = Math.min(this.rows.length, 6);
  }
}

let panels = 0;

/** Shows 150 panels, and changes the size once. */
function round() {
  for (let i = 0; i < 150; i++) new Panel(`panel ${++panels}`).show();
  screen.dispatchEvent(new Event('resize'));
}

module.exports = { round };
