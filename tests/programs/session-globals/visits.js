// Visits that every script of the page shall see, so each is a global variable.
'use strict';

function begin(number) {
  const visit = { number, pages: ['/', '/prices'], began: new Date() };
  globalThis[`visit_${number}`] = visit; // heapmark: growing-collection grows first alone
  return visit;
}

let visits = 0;

/** 400 visits. */
function round() {
  for (let i = 0; i < 400; i++) begin(++visits).pages.push('/cart');
}

module.exports = { round };
