// Bounded: a static map that is cleared when it has 2000 entries.
'use strict';

class Template {
  static #limit = 2000;
  static #compiled = new Map();
  static compile(text) {
    let t = Template.#compiled.get(text);
    if (t) return t;
    if (Template.#compiled.size >= Template.#limit) Template.#compiled.clear();
    t = new Template(text);
    Template.#compiled.set(text, t);
    return t;
  }
  constructor(text) {
    this.parts = text.split(' ').map((p) => ({ p, n: p.length }));
  }
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) Template.compile('hello number ' + ++k + ' of many ' + k);
};
