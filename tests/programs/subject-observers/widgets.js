// Widgets of a dashboard. Each subscribes to the clock when it is shown; nobody calls the function
// that `subscribe` returns.
'use strict';

const { Subject } = require('./subject');

const clock = new Subject(); // heapmark: growing-listeners holder

class Widget {
  constructor(title) {
    this.title = title;
    this.ticks = 0;
    this.points = Array.from({ length: 10 }, (_, x) => ({ x, y: x * title.length }));
  }

  show() {
    clock.subscribe((now) => this.onTick(now)); // heapmark: growing-listeners grows first alone
  }

  onTick(now) {
    this.ticks += 1;
    this.shownAt = now;
  }
}

let titles = 0;

/** Shows 200 widgets, one after the other. */
function round() {
  for (let i = 0; i < 200; i++) {
    const widget = new Widget(`widget ${++titles}`);
    widget.show();
  }
  clock.next(Date.now());
}

module.exports = { round };
