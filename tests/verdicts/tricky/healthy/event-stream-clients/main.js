// Bounded: the clients that are connected, deleted when they close; here more and more come.
'use strict';

const http = require('node:http');

const clients = new Set();
const server = http.createServer((req, res) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  const client = { res, since: Date.now(), topics: new Array(60).fill(req.url) };
  clients.add(client);
  req.on('close', () => clients.delete(client));
  res.write(': hi\n\n');
});

let port;
const open = new Set();

exports.work = async (n) => {
  if (!port) {
    await new Promise((r) => server.listen(0, r));
    port = server.address().port;
  }
  for (let i = 0; i < n / 5; i++)
    await new Promise((r) => {
      const q = http.get({ port, path: '/t/' + i, agent: false }, (res) => {
        open.add(res);
        res.once('data', r);
      });
    });
};
