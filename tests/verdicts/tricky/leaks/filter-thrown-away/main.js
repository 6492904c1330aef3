// Leaks: closed connections are filtered out of a list, and the result is not used.
'use strict';

const net = require('node:net');
const { Gateway } = require('./gateway');

const gw = new Gateway();

let port;
exports.work = async (n) => {
  if (!port) {
    await new Promise((r) => gw.server.listen(0, r));
    port = gw.server.address().port;
  }
  for (let i = 0; i < n / 2; i++)
    await new Promise((r) => {
      const c = net.connect(port, () => c.end('x'));
      c.resume();
      c.on('close', r);
    });
};
