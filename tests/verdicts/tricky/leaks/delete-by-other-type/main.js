// Leaks: requests are entered under a number and deleted under a text, so none is ever deleted.
'use strict';

const { Inflight } = require('./inflight');

const inflight = new Inflight();
let nextId = 1;

async function handle(body) {
  const id = nextId++;
  inflight.begin(id, { method: 'POST', path: '/orders/' + id, body });
  await new Promise((r) => setImmediate(r));
  inflight.note(id, 'validated ' + id);
  inflight.end(id);
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) await handle(('order line ' + i + ';').repeat(60).split(';'));
};
