'use strict';

const net = require('node:net');

class Pool {
  constructor(port, { max = 64 } = {}) {
    this.port = port;
    this.max = max;
    this.idle = [];
    this.open = 0;
    this.waiters = [];
  }
  async acquire() {
    if (this.idle.length) return this.idle.pop();
    if (this.open < this.max) {
      this.open++;
      return this.#connect();
    }
    return new Promise((r) => this.waiters.push(r));
  }
  release(conn) {
    const w = this.waiters.shift();
    if (w) w(conn);
    else this.idle.push(conn);
  }
  #connect() {
    return new Promise((res, rej) => {
      const s = net.connect(this.port, () => res(new Conn(s)));
      s.once('error', rej);
      s.on('close', () => {
        this.open--;
      });
    });
  }
}

class Conn {
  constructor(socket) {
    this.socket = socket;
    this.statements = new Map([['ping', { sql: 'select 1', plan: new Array(300).fill(0.5) }]]);
  }
  query(q) {
    return new Promise((r) => {
      this.socket.once('data', (d) => r(String(d)));
      this.socket.write(q);
    });
  }
}

exports.Pool = Pool;
