// A web shop's memory, to measure with: many small objects of many kinds, long lists, caches, scopes.
//
//     node --max-old-space-size=8000 service.js OUT.heapsnapshot THOUSANDS_OF_CUSTOMERS [LATER.heapsnapshot MORE]
//
// About 4 MB of snapshot for a thousand customers. The same numbers give the same heap. With a second file
// and number, that many customers come after the first snapshot, and a second one is taken.
'use strict';

const { EventEmitter } = require('node:events');
const v8 = require('node:v8');

const [out, thousands, later, more] = process.argv.slice(2);

// A small generator of its own, so that every run makes the same heap.
let state = 2026;
function below(limit) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state % limit;
}
const WORDS = 'amber basil cedar dune ember fern grove heath iris jade kelp lark moss nettle oak pine'.split(' ');
const word = () => WORDS[below(WORDS.length)];

class Customer {
  constructor(number) {
    this.number = number;
    this.name = `${word()} ${word()} ${number}`;
    this.mail = `${word()}${number}@shop.example`;
    this.home = { street: `${below(200)} ${word()} road`, town: word(), code: String(10000 + below(90000)) };
    this.likes = [word(), word()];
    this.since = new Date(1.7e12 + number * 1e5);
  }
}

class Item {
  constructor() {
    this.article = `A-${below(4000)}`;
    this.price = below(100000) / 100;
    this.amount = 1 + below(9);
  }
}

class Purchase {
  constructor(number, customer) {
    this.number = number;
    this.customer = customer;
    this.placed = new Date(1.7e12 + number * 1e5);
    this.state = ['open', 'paid', 'sent'][below(3)];
    this.total = below(1e7) / 100;
    this.items = Array.from({ length: 1 + below(5) }, () => new Item());
  }
}

/** What a visit keeps: a cookie nobody else sees, who listens, and how it ends. */
class Visit {
  #cookie;

  constructor(number, customer) {
    this.#cookie = `visit-${number.toString(36)}-${below(2 ** 30).toString(36)}`;
    this.customer = customer;
    this.listeners = new Set();
    this.leave = () => this.listeners.clear();
  }

  cookie() {
    return this.#cookie;
  }
}

/** A list in the order of use, with a map beside it: what a cache with a limit is made of. */
class Recent {
  map = new Map();
  newest = null;

  add(key, value) {
    const entry = { key, value, older: this.newest, newer: null };
    if (this.newest) this.newest.newer = entry;
    this.newest = entry;
    this.map.set(key, entry);
  }
}

const changes = new EventEmitter().setMaxListeners(0);
const shop = {
  customers: new Map(),
  purchases: [],
  recent: new Recent(),
  visits: new Map(),
  offers: Object.create(null),
  steps: [],
  log: [],
  notes: new WeakMap(),
  links: [],
  images: [],
  waiting: [],
};

function makeStep(customer, purchase) {
  const scope = { customer, purchase, began: `${word()} ${below(1e6)}` };
  const tell = (text) => shop.log.push(`${text} ${scope.began}`);
  return function step(next) {
    tell(customer.name);
    return next(scope);
  };
}

async function deliver(purchase) {
  const parcel = { purchase, label: word() };
  await new Promise((done) => shop.waiting.push(done));
  return parcel;
}

let served = 0;

function serve(thousands) {
  const end = served + Number(thousands) * 1000;
  for (; served < end; served++) visit(served);
}

function visit(number) {
  const customer = new Customer(number);
  const purchase = new Purchase(number, customer);
  shop.customers.set(customer.mail, customer);
  shop.purchases.push(purchase);
  shop.recent.add(`purchase ${number}`, purchase);
  shop.log.push(`${number}: ${customer.mail} bought ${purchase.items.length} for ${below(1000)}`);
  shop.links.push({
    number,
    to: Array.from({ length: Math.min(3, number) }, () => shop.links[below(number)]),
    facts: { weight: below(100) / 7, label: word() },
  });
  shop.offers[`offer ${number}`] = { purchase, rank: number / 2 };
  if (number % 2 === 0) shop.visits.set(`visit ${number}`, new Visit(number, customer));
  if (number % 3 === 0) shop.steps.push(makeStep(customer, purchase));
  if (number % 5 === 0) changes.on('price', (article) => purchase.items.some((item) => item.article === article));
  if (number % 10 === 0) shop.notes.set(customer, { text: word() });
  if (number % 40 === 0) shop.images.push(Buffer.alloc(2048, number & 255));
  if (number % 50 === 0) deliver(purchase);
}
globalThis.shop = { shop, changes };
serve(thousands);
setTimeout(() => {
  v8.writeHeapSnapshot(out);
  if (!later) process.exit(0);
  serve(more);
  setTimeout(() => {
    v8.writeHeapSnapshot(later);
    process.exit(0);
  }, 50);
}, 50);
