// Leaks: each request is pushed to a list that belongs to the Express app.
'use strict';

const express = require('express');
const http = require('node:http');

const app = express();
app.locals.recent = []; // heapmark: holder
app.use((req, res, next) => {
  app.locals.recent.push({ req, at: Date.now() }); // heapmark: grows
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
