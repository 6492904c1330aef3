// Bounded: rooms of the clients that are connected, who leave when they close; here more and more come.
'use strict';

const { WebSocketServer, WebSocket } = require('ws');
const { join, say } = require('./rooms');

let wss;
const clients = [];

exports.work = async (n) => {
  if (!wss) {
    wss = new WebSocketServer({ port: 0 });
    await new Promise((r) => wss.on('listening', r));
    wss.on('connection', (c, req) => {
      c.profile = { name: req.url, tags: new Array(100).fill(req.url.length) };
      join('room' + (req.url.length % 5), c);
    });
  }
  const url = 'ws://127.0.0.1:' + wss.address().port;
  for (let i = 0; i < n / 5; i++) {
    const c = new WebSocket(url + '/u' + i);
    await new Promise((r) => c.on('open', r));
    clients.push(c);
  }
  for (let r = 0; r < 6; r++) say('room' + r, 'hello');
  await new Promise((r) => setTimeout(r, 50));
};
