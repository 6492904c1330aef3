'use strict';
// Every way in which a class sets something up before its constructor runs, or instead of one: V8 makes
// a function of it that nobody wrote, and each version places that elsewhere.
const kept = [];
const keep = (...things) => kept.push(...things);

class Fields { items = new Map(); put(key) { this.items.set(key, this); } }
class OnLines
{
  // Between the class and what it has.
  items = new Map();
  put(key) { this.items.set(key, this); }
}
class MethodFirst { put(key) { this.items.set(key, this); } items = new Map(); }
class Bare { items; put(key) { this.items = key; } }
class Quoted { 'a key' = 1; 12 = 2; put() { return this[12]; } }
class Private { #items = new Map(); put(key) { this.#items.set(key, this); } static is(it) { return #items in it; } }
class PrivateMethod { #go() { return 1; } put() { return this.#go(); } }
class PrivateAccessors { get #size() { return 1; } set #size(to) { this.was = to; } put(to) { this.#size = to; return this.#size; } }
class PrivateStatic { static #go() { return 1; } put() { return PrivateStatic.#go(); } }
class Static { static items = new Map(); static of = () => this; put(key) { Static.items.set(key, this); } }
class StaticPrivate { static #items = new Map(); static of = () => StaticPrivate.#items; put() { return 1; } }
class StaticBlock { static { this.of = () => this; } put() { return 1; } }
class StaticBlocks {
  put() { return 1; }
  static { const held = []; this.of = () => held; }
  static after = () => StaticBlocks;
  static { const more = []; this.more = () => more; }
}
class StaticName { static name = 'Other'; items = []; put() { return 1; } }
class Arrow { onTick = (event) => this.put(event); put(event) { return event; } }
class Functions { plain = function () {}; wait = async function (it) { await it; }; all = function* () {}; put() { return 1; } }
class Objects { handlers = { on: () => 1, off() { return 2; }, get size() { return 3; } }; put() { return 1; } }
class Comma { last = (0, () => 1); put() { return 1; } }
class Constructed { items = []; constructor(owner) { this.owner = owner; } put() { return 1; } }
class Late { constructor(owner) { this.owner = owner; } put() { return 1; } items = []; }
class Derived extends Fields { more = []; get size() { return 1; } }
class DerivedConstructed extends Fields { more = []; constructor() { super(); this.z = 1; } }
class DerivedPlain extends Fields {}
class OfNothing extends null { static items = []; static of = () => this; }
class Failure extends Error { code = 5; }
class Accessors { x = 1; get y() { return 1; } set y(to) { this.x = to; } static get z() { return 2; } async *all() { yield 1; } }
const key = 'computed';
class Computed { [key] = []; [`${key}s`]() { return 1; } static [key] = () => this; }
class Outer { inner = class { x = 1; put() { return 1; } }; put() { return 1; } }
class OuterStatic { static Inner = class { x = 1; put() { return 1; } }; put() { return 1; } }
class OuterOfNamed { inner = class Named { x = 1; put() { return 1; } }; put() { return 1; } }
const Assigned = class { items = []; put() { return 1; } };
const Renamed = class Inner { items = []; put() { return 1; } };
const make = () => class { items = []; put() { return 1; } };
const mix = (Base) => class extends Base { items = []; put() { return 1; } };
class Mixed extends mix(class { base = 1; }) { own = 2; }
function inFunction() { class Local { items = []; put() { return 1; } } return new Local(); }
const table = { Entry: class { items = []; put() { return 1; } }, async wait() {}, *all() {}, [`${key}!`]() {} };
class Asked { items = this.first(); first() { return () => this.items; } }
class Empty {}
function Old() { this.items = []; }
Old.prototype.put = function () { return 1; };

for (const Class of [
  Fields, OnLines, MethodFirst, Bare, Quoted, Private, PrivateMethod, PrivateAccessors, PrivateStatic, Static,
  StaticPrivate, StaticBlock, StaticBlocks, StaticName, Arrow, Functions, Objects, Comma, Constructed, Late, Derived,
  DerivedConstructed, DerivedPlain, Failure, Accessors, Computed, Outer, OuterStatic, OuterStatic.Inner, OuterOfNamed,
  Assigned, Renamed, make(), make(), mix(Fields), Mixed, table.Entry, Asked, Empty, Old,
]) {
  const instance = new Class();
  keep(Class, instance);
  if (instance.inner) keep(new instance.inner());
}
keep(OfNothing, inFunction(), inFunction(), table);
module.exports = kept;
