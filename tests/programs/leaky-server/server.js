'use strict';

const http = require('node:http');

const { findArticle } = require('./src/articles.js');
const { pageFor, pageStatistics } = require('./src/pages.js');
const { beginVisit, visitStatistics } = require('./src/visits.js');

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function servePage(request, response, url, number) {
  const article = findArticle(number);
  if (!article) return send(response, 404, 'text/plain', 'no such page\n');

  const user = url.searchParams.get('user') ?? 'guest';
  const visit = beginVisit(user, article);
  const page = pageFor(request.url, article, user);
  visit.served(page.html.length);
  send(response, 200, 'text/html; charset=utf-8', page.html);
}

function serveStatus(response) {
  const status = { ...pageStatistics(), ...visitStatistics(), memory: process.memoryUsage().heapUsed };
  send(response, 200, 'application/json', JSON.stringify(status));
}

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const [, section, rest] = url.pathname.split('/');
  if (section === 'pages') return servePage(request, response, url, Number(rest));
  if (section === 'status') return serveStatus(response);
  send(response, 404, 'text/plain', 'try /pages/1 or /status\n');
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
