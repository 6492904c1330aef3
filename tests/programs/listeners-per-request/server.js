// A trading desk: each request opens a session that follows the prices while the answer is written.
'use strict';

const { announce, bus } = require('./bus.js');

class Session {
  constructor(user, symbols) {
    this.user = user;
    this.symbols = new Set(symbols);
    this.quotes = new Array(64).fill(0);
    this.changes = 0;
  }

  follow() {
    const onPrice = (quote) => { // heapmark: growing-listeners leaked
      if (!this.symbols.has(quote.symbol)) return;
      this.quotes[this.changes++ % this.quotes.length] = quote.price;
    };
    bus.on('price', onPrice); // heapmark: growing-listeners grows first
  }

  summary() {
    return { user: this.user, changes: this.changes };
  }
}

function handleRequest(request) {
  const session = new Session(request.user, request.symbols);
  session.follow();
  return { status: 200, body: session.summary() };
}

let served = 0;

/** 200 users ask for their portfolio; the market moves a little in between. */
function round() {
  for (let i = 0; i < 200; i++) {
    handleRequest({ user: `user-${served++}`, symbols: ['ACME', `S${i % 10}`] });
    if (i % 50 === 0) announce('ACME', 100 + i);
  }
}

module.exports = { round };
