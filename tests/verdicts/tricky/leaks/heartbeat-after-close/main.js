// Leaks: the interval of a connection is cleared if the client says that it leaves, not if it just goes.
'use strict';

const net = require('node:net');
const { server } = require('./server');

let port;
exports.work = async (n) => {
  if (!port) {
    await new Promise((r) => server.listen(0, r));
    port = server.address().port;
  }
  for (let i = 0; i < n; i++) {
    await new Promise((r) => {
      const c = net.connect(port, () => {
        c.write(i % 4 ? 'hello' : 'quit');
        setTimeout(() => {
          c.destroy();
        }, 3);
      });
      c.on('close', r);
      c.on('error', () => {});
      c.resume();
    });
  }
};
