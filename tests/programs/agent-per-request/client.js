// Asks a server for its pages. Each request has an agent of its own, which keeps the connection for the
// next one; there is none.
'use strict';

const http = require('node:http');
const { once } = require('node:events');

const server = http.createServer((request, response) => response.end(`page ${request.url}`));
server.keepAliveTimeout = 0;
server.unref();

async function ask(path) {
  const agent = new http.Agent({ keepAlive: true }); // heapmark: leaking-instances grows first
  const request = http.get({ host: '127.0.0.1', port: server.address().port, path, agent });
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

let pages = 0;

/** Asks for sixty pages. */
async function round() {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  for (let i = 0; i < 60; i++) {
    const path = `/${++pages}`;
    if ((await ask(path)) !== `page ${path}`) throw new Error(`${path} is damaged`);
  }
}

module.exports = { round };
