// Maps and sets of all kinds of entries, after all that may happen to them, and how many entries each has.
const v8 = require('node:v8');
const fs = require('node:fs');

const make = {
  string: (n) => `text ${n}`,
  object: (n) => ({ n }),
  symbol: (n) => Symbol(n),
  double: (n) => n + 0.5,
  integer: (n) => n,
  undefined: () => undefined,
  null: () => null,
  boolean: (n) => n % 2 === 0,
};
const asKeys = ['string', 'object', 'symbol', 'double', 'integer'];
/** V8 writes no link to these. */
const unseen = ['integer', 'undefined', 'null', 'boolean'];

/** What happens to a collection: `put` and `drop` the entry of a number, `clear` them all. */
const histories = {
  'none': () => {},
  ...Object.fromEntries([1, 4, 5, 32, 33, 300].map((n) => [`${n} added`, ({ put }) => times(n, put)])),
  'every third deleted': ({ put, drop }) => { times(100, put); times(100, (n) => n % 3 || drop(n)); },
  'the last deleted': ({ put, drop }) => { times(40, put); times(40, (n) => n < 30 || drop(n)); },
  'all deleted': ({ put, drop }) => { times(30, put); times(30, drop); },
  'nearly all deleted': ({ put, drop }) => { times(200, put); times(199, drop); },
  'cleared': ({ put, clear }) => { times(30, put); clear(); },
  'cleared and filled': ({ put, clear }) => { times(30, put); clear(); times(7, put); },
  'deleted and put back': ({ put, drop }) => { times(20, put); times(20, (n) => n % 2 || drop(n)); times(20, put); },
  'first in, first out': ({ put, drop }) => times(1000, (n) => { put(n); if (n >= 100) drop(n - 100); }),
  'one that stays': ({ put, drop }) => { put(0); times(77, (n) => { put(n + 1); drop(n + 1); }); },
};
const times = (count, act) => { for (let n = 0; n < count; n++) act(n); };

class Case {
  constructor(name, collection, size) {
    // In one piece: of a text that was put together, the snapshot has only the pieces.
    this.name = JSON.parse(JSON.stringify(name));
    this.collection = collection;
    this.size = size;
  }
}
const cases = (globalThis.cases = []);
const kept = (globalThis.kept = []);

for (const [history, happen] of Object.entries(histories)) {
  for (const ofKeys of asKeys) {
    const keys = Array.from({ length: 1000 }, (_, n) => make[ofKeys](n));
    for (const ofValues of Object.keys(make)) {
      if (unseen.includes(ofKeys) && unseen.includes(ofValues)) continue;
      const map = new Map();
      happen({
        put: (n) => map.set(keys[n], make[ofValues](n)),
        drop: (n) => map.delete(keys[n]),
        clear: () => map.clear(),
      });
      cases.push(new Case(`map from ${ofKeys} to ${ofValues}: ${history}`, map, map.size));
    }
    if (ofKeys === 'integer') continue;
    const set = new Set();
    happen({ put: (n) => set.add(keys[n]), drop: (n) => set.delete(keys[n]), clear: () => set.clear() });
    cases.push(new Case(`set of ${ofKeys}: ${history}`, set, set.size));
  }
  if (history.includes('clear')) continue;
  for (const ofValues of ['object', 'integer']) {
    const keys = Array.from({ length: 1000 }, (_, n) => make.object(n));
    kept.push(keys);
    const [map, set] = [new WeakMap(), new WeakSet()];
    let size = 0;
    happen({
      put: (n) => { map.has(keys[n]) || size++; map.set(keys[n], make[ofValues](n)); set.add(keys[n]); },
      drop: (n) => { map.delete(keys[n]) && size--; set.delete(keys[n]); },
    });
    cases.push(new Case(`weak map to ${ofValues}: ${history}`, map, size));
    if (ofValues === 'object') cases.push(new Case(`weak set: ${history}`, set, size));
  }
}
const odd = [undefined, null, true, false, NaN, -0, 7, 'text', 1n, make.symbol(0)];
const under = new Map(odd.map((key) => [key, { key }]));
under.delete(null);
cases.push(new Case('map from one each', under, under.size));
/** One who iterates over the table that the map had before. */
const walked = new Map(odd.map((key) => [key, { key }]));
kept.push(walked.entries());
times(100, (n) => walked.set(n, { n }));
times(50, (n) => walked.delete(n));
cases.push(new Case('map under an iterator', walked, walked.size));

v8.writeHeapSnapshot('one.heapsnapshot');
fs.writeFileSync('sizes.json', JSON.stringify(cases.map(({ name, size }) => [name, size])));
