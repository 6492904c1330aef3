// Leaks: each request of an Express app listens to a bus that lives as long as the process.
'use strict';

const express = require('express');
const http = require('node:http');

const app = express();
const bus = new (require('node:events'))(); // heapmark: holder
bus.setMaxListeners(0);
app.use((req, res, next) => {
  const rid = Math.random().toString(36);
  bus.on('config', () => { // heapmark: grows
    req.stale = rid;
  });
  next();
});

app.get('/hi/:n', (req, res) => res.json({ n: req.params.n }));

let port;
exports.work = async (n) => {
  if (!port) {
    const s = await new Promise((r) => {
      const s = app.listen(0, () => r(s));
    });
    port = s.address().port;
  }
  for (let i = 0; i < n; i++)
    await new Promise((r) =>
      http.get({ port, path: '/hi/' + i }, (res) => {
        res.resume();
        res.on('end', r);
      }),
    );
};
