'use strict';

const net = require('node:net');

function heartbeat(socket, session) {
  return setInterval(() => { // heapmark: grows
    session.beats++;
    if (!socket.destroyed) socket.write('\n');
  }, 30_000);
}

const server = net.createServer((socket) => {
  const session = {
    beats: 0,
    history: new Array(200).fill(Math.random()),
    from: socket.remotePort,
  };
  const timer = heartbeat(socket, session); // heapmark: grows
  socket.on('data', (d) => {
    session.lastLine = d.toString();
    if (session.lastLine === 'quit') {
      clearInterval(timer);
      socket.end();
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    session.closed = true;
  });
});

exports.server = server;
