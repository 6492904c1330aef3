// Asks an exchange for quotes, over a line of its own for each. Nothing has a line once it has answered, but
// it stays open.
'use strict';

const { once } = require('node:events');
const net = require('node:net');

class Line { // heapmark: open-handles leaked
  constructor(port) {
    this.quotes = [];
    this.symbols = Array.from({ length: 30 }, (_, i) => ({ symbol: `S${i}`, price: i }));
    this.socket = net.connect(port, '127.0.0.1'); // heapmark: open-handles grows first alone
    this.socket.on('data', (text) => this.quotes.push(String(text)));
  }

  async ask(symbol) {
    this.socket.write(symbol);
    await once(this.socket, 'data');
    return this.quotes.at(-1);
  }
}

const exchange = net.createServer((socket) => {
  socket.on('data', (symbol) => socket.write(`${symbol}: 12`));
});

/** Asks for 25 quotes, one after the other. */
async function round() {
  if (!exchange.listening) await once(exchange.listen(0, '127.0.0.1'), 'listening');
  const { port } = exchange.address();
  for (let i = 0; i < 25; i++) await new Line(port).ask(`S${i}`);
}

module.exports = { round };
