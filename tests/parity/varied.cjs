// Fills the heap with a little of everything that V8 describes in its own way, then writes a snapshot:
//
//     node varied.cjs OUT.heapsnapshot [LATER.heapsnapshot [OPTIONS]]
//
// and, if asked for, a second one when some of it is gone and some has come. OPTIONS are those of
// v8.writeHeapSnapshot, in JSON; Node.js knows them from 18.13 on.
// It runs on Node.js 14 and everything newer; what an old version does not have is left out there.
'use strict';

const { EventEmitter } = require('events');
const v8 = require('v8');
const vm = require('vm');

const kept = {}; // everything below hangs here, by the name of its form
globalThis.kept = kept;
const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));

// Classes: fields of all kinds, inheritance, statics, a registry, an anonymous class, an old constructor.
class Shape {
  static made = [];
  #secret = { hidden: true };
  constructor(name) { this.name = name; this.area = 0.5; Shape.made.push(this); }
  get secret() { return this.#secret; }
  static unit() { return new this('unit'); }
}
class Circle extends Shape {
  constructor(radius) { super('circle ' + radius); this.radius = radius; this.bounds = [radius, -radius, radius + 0.25]; }
}
function Legacy(n) { this.n = n; this['key ' + n] = n; }
Legacy.prototype.describe = function () { return 'legacy ' + this.n; };
kept.classes = [times(40, (i) => new Circle(i)), Shape.unit(), times(20, (i) => new Legacy(i)), new (class { x = [1]; })()];

// Plain objects: shapes that repeat (DevTools names them by their properties), odd keys, dictionaries.
kept.plain = {
  points: times(60, (i) => ({ x: i, y: i / 3 })),
  named: times(60, (i) => ({ x: i, y: i, label: 'point ' + i })),
  odd: times(5, (i) => ({ 'with, comma': i, "with 'quote'": [i], '{brace}': {}, 'with\ttab': [], '': i })),
  long: times(4, () => Object.fromEntries(times(30, (i) => ['a_rather_long_property_name_' + i, [i]]))),
  dictionary: Object.fromEntries(times(300, (i) => ['id-' + i, { id: i }])),
  bare: Object.assign(Object.create(null), { bare: {} }),
  accessor: { get value() { return kept; }, set value(_) {} },
  symbols: { [Symbol('described')]: {}, [Symbol()]: {}, [Symbol.for('registered')]: {} },
  circular: (() => { const a = {}; const b = { a }; a.b = b; return a; })(),
};

// Collections, strong and weak; a key that its own value keeps; a queue that is a list and an array at once.
const keys = times(30, (i) => ({ key: i }));
kept.collections = {
  map: new Map(keys.map((key, i) => [key, 'value ' + i])),
  set: new Set(keys),
  sparse: (() => { const array = []; array[5000] = keys[0]; return array; })(),
  holes: [, keys[1], , 2.5],
  weakMap: new WeakMap(keys.map((key, i) => [key, { of: i, self: i % 2 ? key : null }])),
  weakSet: new WeakSet(keys),
  orphanValues: new WeakMap(times(5, (i) => [{}, { lost: i }])),
  queue: (() => {
    const items = times(200, (i) => ({ item: i, next: null, previous: null }));
    items.forEach((item, i) => { item.next = items[i + 1] || null; item.previous = items[i - 1] || null; });
    return { head: items[0], tail: items[199], items };
  })(),
};
if (typeof WeakRef === 'function') {
  kept.weakRefs = times(10, (i) => new WeakRef(i % 2 ? keys[i] : { gone: i }));
  kept.registry = new FinalizationRegistry(() => {});
  keys.forEach((key, i) => kept.registry.register(key, { held: i }, key));
}

// Strings: flat, concatenated, sliced, two-byte, long, hostile.
const long = 'long text '.repeat(300);
kept.strings = {
  joined: times(20, (i) => long.slice(0, 40) + i + long.slice(0, 40)),
  sliced: times(20, (i) => long.slice(i, i + 100)),
  long,
  unicode: ['ünïcödé', '日本語', 'emoji \u{1F600}', 'lone \ud800', 'nul \0 and \u001b[31m', '<b>&amp;</b>', 'back\\slash "quoted"'],
  repeated: times(30, () => ['same ', 'text ', 'again'].join('')),
};

// Functions: every kind, sharing scopes, bound, generators and async functions that wait.
function scopes(i) {
  const large = new Array(50).fill({ i });
  const small = 'small ' + i;
  const useLarge = () => large.length;
  useLarge();
  { let inner = { i }; return [() => small, () => inner, function named() { return named; }]; }
}
function* counting(from) { for (let i = from; ; i++) yield { i }; }
async function waiting(forWhat, local = { waits: true }) { await forWhat; return local; }
const never = new Promise(() => {});
kept.functions = {
  closures: times(20, scopes),
  bound: times(10, (i) => scopes.bind({ self: i }, i)),
  generators: times(10, (i) => { const generator = counting(i); generator.next(); return generator; }),
  waiting: times(20, () => waiting(never)),
  reactions: times(20, (i) => never.then(() => i)),
  settled: [Promise.resolve({}), Promise.reject(new Error('expected')).catch((error) => error)],
  compiled: new Function('a', 'b', 'return () => a + b')({}, []),
};

// Bytes, numbers and built-in objects.
kept.bytes = {
  buffers: times(30, (i) => Buffer.from('buffer ' + i)),
  large: Buffer.alloc(50_000),
  shared: new SharedArrayBuffer(1024),
  views: [new Float64Array(100), new Uint8Array(8), new DataView(new ArrayBuffer(32))],
};
kept.values = [times(20, (i) => i * 1.1), 2n ** 80n, -(2n ** 65n), new Date(0), /reg(exp)?/giu, new Error('an error'), new Proxy({}, { get() {} }),
  Object(1), Object('boxed'), Object(Symbol('boxed')), new URL('https://example.org/path'), new Intl.NumberFormat('en')];
(function () { kept.arguments = arguments; })({}, 'two');

// The machinery around: listeners, timers, another realm, a module made in memory, WebAssembly.
const bus = new EventEmitter().setMaxListeners(0);
times(20, (i) => bus.on('tick', () => i));
bus.once('end', scopes);
kept.bus = bus;
kept.timers = times(10, (i) => setInterval(() => i, 1e6 + (i % 3)));
kept.realm = vm.createContext({ inside: {} });
vm.runInContext('class Inside {}; globalThis.made = [new Inside(), () => made, new Map([[{}, []]])];', kept.realm, 'inside.js');
kept.script = new vm.Script('(function fromScript() { return { a: 1 }; })', { filename: 'script.js' }).runInThisContext()();
kept.wasm = new WebAssembly.Module(Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]));
kept.instance = new WebAssembly.Instance(kept.wasm);

function change() {
  kept.later = times(25, (i) => new Circle(i));
  kept.plain.points = times(80, (i) => ({ x: i, y: i / 3, z: {} })); // an interface that was not there before
  delete kept.plain.named;
  kept.classes[0].splice(10);
  kept.strings.repeated.push(...times(10, () => ['same ', 'text ', 'again'].join('')));
  kept.bus.removeAllListeners('tick');
  kept.functions.closures.push(...times(10, scopes));
}

setImmediate(() => {
  const [first, later, options = '{}'] = process.argv.slice(2);
  v8.writeHeapSnapshot(first, JSON.parse(options));
  if (later) {
    change();
    v8.writeHeapSnapshot(later, JSON.parse(options));
  }
  process.exit(0);
});
