// A theme that is replaced. A function that is never called remembers the theme before; it shares its
// scope with `describe`, so every theme keeps the one before.
'use strict';

let theme = null;

function replaceTheme(number) {
  const previous = theme; // heapmark: unused-capture holder first alone
  const undo = () => {
    theme = previous;
  };
  theme = {
    number,
    colours: Array.from({ length: 40 }, (_, i) => `colour ${i} of theme ${number}`),
    describe: () => 'a theme', // heapmark: unused-capture leaked
  };
  return undo;
}

let number = 0;

/** A hundred themes, one after the other. */
function round() {
  for (let i = 0; i < 100; i++) replaceTheme(++number);
  if (theme.describe() !== 'a theme') throw new Error('there is no theme');
}

module.exports = { round };
