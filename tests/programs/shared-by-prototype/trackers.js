// Trackers that were meant to have a list each. The list is on the prototype, so that all of them fill
// one; and so is the table of the older kind of tracker.
'use strict';

class Tracker {
  constructor(name) {
    this.name = name;
  }

  track(position) {
    this.positions.push(position); // heapmark: growing-collection grows
    return this.positions.length;
  }
}

Tracker.prototype.positions = []; // heapmark: growing-collection holder first

function OldTracker(name) {
  this.name = name;
}

OldTracker.prototype.known = new Map(); // heapmark: growing-collection holder

OldTracker.prototype.track = function (position) {
  this.known.set(`${this.name} at ${position.at}`, position.way[0]); // heapmark: growing-collection grows
  return this.known.size;
};

let at = 0;

/** Four hundred trackers, each with one position. */
function round() {
  for (let i = 0; i < 400; i++) {
    const position = { at: ++at, way: Array.from({ length: 20 }, (_, step) => ({ at, step })) };
    if (new Tracker(`tracker ${at}`).track(position) < 1) throw new Error('a position is lost');
    if (new OldTracker(`tracker ${at}`).track(position) < 1) throw new Error('a position is lost');
  }
}

module.exports = { round };
