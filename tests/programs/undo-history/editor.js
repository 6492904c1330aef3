// A text editor. Each state knows the one before it, so that everything can be undone, back to the
// empty page.
'use strict';

class State {
  constructor(text, previous) {
    this.text = text;
    this.selection = { from: 0, to: text.length };
    this.previous = previous;
  }
}

class Editor {
  #current = new State('', null); // heapmark: growing-chain holder first

  type(text) {
    this.#current = new State(text, this.#current);
  }

  undo() {
    this.#current = this.#current.previous;
  }

  get text() {
    return this.#current.text;
  }
}

const editor = new Editor();
let edits = 0;

/** Types 400 times, and takes back every tenth. */
function round() {
  for (let i = 0; i < 400; i++) {
    editor.type(`line ${++edits} of the letter`);
    if (i % 10 === 0) editor.undo();
  }
  if (!editor.text.startsWith('line')) throw new Error('the text is lost');
}

module.exports = { round };
