// A page of a wiki. A revision knows the change that made it, and a change the revision before it: the
// newest one keeps them all.
'use strict';

class Revision { // heapmark: leaking-instances leaked
  constructor(text, change) {
    this.text = text;
    this.change = change;
  }
}

class Change {
  constructor(author, base) {
    this.author = author;
    this.words = `changed by ${author}`.split(' ');
    this.base = base;
  }
}

let newest = new Revision('', null);

function edit(author, text) {
  newest = new Revision(text, new Change(author, newest));
}

let edits = 0;

/** Three hundred edits. */
function round() {
  for (let i = 0; i < 300; i++) edit(`author ${i % 7}`, `text number ${++edits}`);
  if (newest.text !== `text number ${edits}`) throw new Error('an edit is lost');
}

module.exports = { round };
