// A drawing program. What can be undone is a list of commands of several classes, each with the one
// before it; every line that was ever drawn is noted in a list of pairs, as in Lisp; and every error
// has the one before as its cause.
'use strict';

class Command {
  constructor(before) {
    this.before = before;
  }
}

class Line extends Command {
  constructor(before, from, to) {
    super(before);
    this.points = [from, to, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }];
  }
}

class Text extends Command {
  constructor(before, text) {
    super(before);
    this.text = `${text} in the middle of the page`;
  }
}

class Fill extends Command {
  constructor(before, color) {
    super(before);
    this.color = color;
  }
}

class Drawing {
  latest = null; // heapmark: growing-chain holder first

  line(from, to) {
    this.latest = new Line(this.latest, from, to); // heapmark: growing-chain grows
  }

  text(text) {
    const command = new Text(this.latest, text);
    this.latest = command; // heapmark: growing-chain grows
  }

  fill(color) {
    this.latest = new Fill(this.latest, color); // heapmark: growing-chain grows
  }

  undo() {
    this.latest = this.latest.before;
  }
}

const drawing = new Drawing();
let lastError = null; // heapmark: growing-chain holder
let journal = null; // heapmark: growing-chain holder

function note(done) {
  journal = [{ done, text: `${done} at step ${steps}` }, journal]; // heapmark: growing-chain grows
}

function fail(reason) {
  lastError = new Error(`${reason} at step ${steps}`, { cause: lastError }); // heapmark: growing-chain grows
}

let steps = 0;

/** Draws 300 times, and takes back every fiftieth. */
function round() {
  for (let i = 0; i < 300; i++) {
    steps++;
    if (i % 3 === 0) drawing.line({ x: i, y: steps }, { x: steps, y: i });
    else if (i % 3 === 1) drawing.text(`label ${steps}`);
    else drawing.fill(`#${steps}`);
    if (i % 3 === 0) note('line');
    if (i % 50 === 0) drawing.undo();
    if (i % 5 === 0) fail('no ink');
  }
  if (!journal[0].text.startsWith('line')) throw new Error('the journal is lost');
}

module.exports = { round };
