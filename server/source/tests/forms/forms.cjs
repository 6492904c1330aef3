#!/usr/bin/env node
'use strict';
// Every form of function and class of JavaScript. `keep` takes what our index must call it.

function declared(a, b) {}
keep('declared', declared);
async function declaredAsync(a) {}
keep('declaredAsync', declaredAsync);
function* generator() {}
keep('generator', generator);
async function * asyncGenerator() {}
keep('asyncGenerator', asyncGenerator);
function manyLines(
  a,
  b,
) {}
keep('manyLines', manyLines);
function /* a comment with ( in it */ commented /* ( */ (a /* ) */) {}
keep('commented', commented);

const expression = function (a) {};
keep('expression', expression);
const renamed = function inner() {};
keep('inner', renamed);
const generatorExpression = function* () {};
keep('generatorExpression', generatorExpression);
const arrow = (a) => a;
keep('arrow', arrow);
const single = a => a;
keep('single', single);
const asyncArrow = async (a) => a;
keep('asyncArrow', asyncArrow);
const asyncSingle = async a => a;
keep('asyncSingle', asyncSingle);
const spaced = async /* ( still the same */ (
  a) => a;
keep('spaced', spaced);
const async = async => async;
keep('async', async);
const wrapped = ((((a) => a)));
keep('wrapped', wrapped);
let later; later = () => {};
keep('later', later);
const { defaulted = () => {} } = {};
keep('defaulted', defaulted);
const wide = '😀'; const afterWide = () => wide;
keep('afterWide', afterWide);
	const tabbed = () => {};
keep('tabbed', tabbed);

const api = {
  method(a) {},
  async asyncMethod() {},
  *generatorMethod() {},
  async *asyncGeneratorMethod() {},
  get size() { return 1; },
  set size(value) {},
  ['comp' + 'uted'](a) {},
  'quoted name'() {},
  12() {},
  arrow: () => {},
  plain: function () {},
  nested: { deep() {}, arrow: (a) => a },
  get() {},
  set() {},
  async() {},
  static() {},
};
keep('api.method', api.method);
keep('api.asyncMethod', api.asyncMethod);
keep('api.generatorMethod', api.generatorMethod);
keep('api.asyncGeneratorMethod', api.asyncGeneratorMethod);
keep('api.size', Object.getOwnPropertyDescriptor(api, 'size').get);
keep('api.size', Object.getOwnPropertyDescriptor(api, 'size').set);
keep("api.['comp' + 'uted']", api.computed);
keep('api.quoted name', api['quoted name']);
keep('api.12', api[12]);
keep('api.arrow', api.arrow);
keep('api.plain', api.plain);
keep('api.nested.deep', api.nested.deep);
keep('api.nested.arrow', api.nested.arrow);
keep('api.get', api.get);
keep('api.set', api.set);
keep('api.async', api.async);
keep('api.static', api.static);

class Bare {}
keep('class Bare', Bare);
class WithFields { x = 1; arrow = () => this.x; plain = function () {}; static made = async () => {}; }
keep('class WithFields', WithFields);
keep('WithFields.arrow', new WithFields().arrow);
keep('WithFields.plain', new WithFields().plain);
keep('WithFields.made', WithFields.made);
class Session extends Bare {
  #timer = null;
  field = [];
  static { this.fromBlock = () => {}; }
  static count() {}
  static async load(a) {}
  #hidden(a) {}
  get hidden() { return this.#hidden; }
  method(a) {}
  *[Symbol.iterator]() {}
  // A comment with constructor( in it.
  constructor /* here */ (a = (1 + 2)) { super(); this.onTick = (b) => b; this.off = function () {}; }
}
const session = new Session();
keep('class Session', Session);
keep('Session.onTick', session.onTick);
keep('Session.off', session.off);
keep('Session.fromBlock', Session.fromBlock);
keep('Session.count', Session.count);
keep('Session.load', Session.load);
keep('Session.#hidden', session.hidden);
keep('Session.hidden', Object.getOwnPropertyDescriptor(Session.prototype, 'hidden').get);
keep('Session.method', session.method);
keep('Session.[Symbol.iterator]', session[Symbol.iterator]);
class Quoted { 'constructor'(a) {} }
keep('class Quoted', Quoted);
class NotOne { ['constructor'](a) {} static constructor(b) {} }
keep('class NotOne', NotOne);
keep('NotOne.constructor', NotOne.constructor);
const Assigned = class { method() {} };
keep('class Assigned', Assigned);
keep('Assigned.method', Assigned.prototype.method);
const Renamed = class Inner extends Assigned { constructor() { super(); } };
keep('class Inner', Renamed);
keep('class anonymous class', (() => class { })());

function Old(name) { this.handler = () => name; }
Old.prototype.close = function (a) {};
Old.create = (name) => new Old(name);
keep('Old', Old);
keep('Old.close', Old.prototype.close);
keep('Old.create', Old.create);
keep('Old > this.handler', new Old().handler);
exports.exported = function () {};
keep('exported', exports.exported);
module.exports.named = () => {};
keep('named', module.exports.named);

const take = (...values) => values.find((value) => typeof value === 'function');
const bus = { on: take };
function handleRequest() {
  const onTick = () => {};
  keep('handleRequest > onTick', onTick);
  keep('handleRequest > callback of bus.on("tick")', bus.on('tick', (event) => event));
  keep('handleRequest > callback of take', take(function () {}));
  bus.on('data', take(() => { function within() {} keep('handleRequest > within', within); })());
  return function () {};
}
keep('handleRequest > returned function', handleRequest());
const table = { [wide]: 1 }; table['x'] = () => {};
keep('table[…]', table.x);
keep('anonymous function', [() => {}][0]);
const curried = a => b => c => a;
keep('curried > returned function', curried(1));

// Instances: V8 places them at their constructor.
class Instance { method() {} }
keep('class Instance', new Instance());
class Constructed { constructor(a) { this.a = a; } }
keep('class Constructed', new Constructed(1));
class FieldsAndConstructor { f = 1; constructor() { this.z = 1; } }
keep('class FieldsAndConstructor', new FieldsAndConstructor());
class Derived extends Constructed { extra() {} }
keep('class Derived', new Derived(2));
keep('class DerivedConstructed', new (class DerivedConstructed extends Constructed {
  constructor() {
    super(3);
  }
})());
const AnonymousClass = class { x() {} };
keep('class AnonymousClass', new AnonymousClass());
class List extends Array {}
keep('class List', new List(3));
class Registry extends Map { constructor() { super(); this.k = 1; } }
keep('class Registry', new Registry());
class Failure extends Error { constructor(message) { super(message); } }
keep('class Failure', Object.create(Failure.prototype), Failure);
keep('class Old', new Old());
keep('generator', generator(), generator);
keep('asyncGenerator', asyncGenerator(), asyncGenerator);
const holder = {};
holder.assigned = function (a) {};
keep('holder.assigned', holder.assigned);
holder.Kind = class { x() {} };
keep('class holder.Kind', holder.Kind);
keep('class holder.Kind', new holder.Kind());
keep('withDefault', ((withDefault = (a) => a) => withDefault)());
const tag = (strings, make) => make;
keep('anonymous function', tag`a${(b) => b}`);
function lazy(x) { return function made() { return x; }; }
keep('lazy', lazy);
keep('lazy > made', lazy(1));
keep('fromCall', (function () { return function fromCall() {}; })());
let nullish; nullish ??= () => {};
keep('nullish', nullish);
