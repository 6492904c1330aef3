// Letters and receipts that nobody takes any more. Both queues look at their length where something is
// taken; neither looks at it where something comes.
'use strict';

/** Begins anew when everything was taken. */
class Drained {
  #letters = []; // heapmark: growing-collection holder
  #head = 0;

  add(letter) {
    this.#letters.push(letter); // heapmark: growing-collection grows
  }

  take() {
    const letter = this.#letters[this.#head++];
    if (this.#head === this.#letters.length) {
      this.#letters.length = 0;
      this.#head = 0;
    }
    return letter;
  }
}

/** Lets go of what was taken when it is the larger half. */
class Compacted {
  #receipts = []; // heapmark: growing-collection holder
  #head = 0;

  add(receipt) {
    this.#receipts.push(receipt); // heapmark: growing-collection grows first
  }

  take() {
    if (this.#head === this.#receipts.length) return undefined;
    const receipt = this.#receipts[this.#head];
    this.#head++;
    if (this.#head > 100 && this.#head > this.#receipts.length / 2) this.#compact();
    return receipt;
  }

  #compact() {
    this.#receipts.splice(0, this.#head);
    this.#head = 0;
  }
}

const letters = new Drained();
const receipts = new Compacted();
let number = 0;

/** Five thousand of each, and the first is taken. */
function round() {
  for (let i = 0; i < 5000; i++) {
    letters.add({ number: ++number, words: Array(30).fill(number) });
    receipts.add({ number, sum: String(number * 7), lines: Array(30).fill(number) });
  }
  if (!letters.take() || !receipts.take()) throw new Error('the queues are empty');
}

module.exports = { round };
