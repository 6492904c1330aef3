'use strict';

const net = require('node:net');

class Gateway {
  constructor() {
    this.peers = []; // heapmark: holder
    this.server = net.createServer((s) => this.accept(s));
  }
  accept(socket) {
    const peer = { socket, joined: Date.now(), inbox: new Array(50).fill(0.5) };
    this.peers.push(peer); // heapmark: grows
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => {
      peer.gone = true;
      this.compact();
    });
  }
  compact() {
    this.peers.filter((p) => !p.gone);
  }
}

exports.Gateway = Gateway;
