// A line server. Connections are remembered so that a message can be sent to all; nobody forgets the
// ones that have hung up.
'use strict';

const net = require('node:net');

const connections = new Set(); // heapmark: retained-after-close holder first

const server = net.createServer((socket) => {
  connections.add(socket); // heapmark: retained-after-close grows
  socket.on('data', (line) => socket.end(`you said ${line}`));
  socket.on('error', () => socket.destroy());
});

const listening = new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

function ask(port, line) {
  return new Promise((resolve, reject) => {
    const client = net.connect(port, '127.0.0.1', () => client.write(line));
    let answer = '';
    client.on('data', (data) => { answer += data; });
    client.on('close', () => resolve(answer));
    client.on('error', reject);
  });
}

/** Sixty clients, one after the other. */
async function round() {
  await listening;
  for (let i = 0; i < 60; i++) {
    const answer = await ask(server.address().port, `line ${i}`);
    if (answer !== `you said line ${i}`) throw new Error(`wrong answer: ${answer}`);
  }
}

module.exports = { round };
