// A glossary that is a function: called, it finds what it has under a word, as a property of its own.
'use strict';

const entryOf = (word) => entryOf[word]; // heapmark: growing-collection holder first alone

function split(word) {
  return { word, letters: word.split(''), upper: word.toUpperCase() };
}

function learn(word) {
  const key = `w-${word}`;
  if (entryOf[key] === undefined) {
    entryOf[key] = split(word); // heapmark: growing-collection grows
  }
  return entryOf(key);
}

let words = 0;

/** Learns 400 words. */
function round() {
  for (let i = 0; i < 400; i++) learn(`word${++words}`);
}

module.exports = { round };
