// Bounded: of each service that is registered there is one, which is made when it is first asked for.
'use strict';

class Container {
  #factories = new Map();
  #made = new Map();
  register(name, factory) {
    this.#factories.set(name, factory);
  }
  get(name) {
    if (!this.#made.has(name)) this.#made.set(name, this.#factories.get(name)(this));
    return this.#made.get(name);
  }
}

const container = new Container();
const NAMES = Array.from({ length: 180 }, (_, i) => `service-${i}`);
for (const name of NAMES) {
  container.register(name, () => ({ name, settings: Array.from({ length: 50 }, (_, i) => `${name} ${i}`) }));
}

let asked = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) container.get(NAMES[asked++ % NAMES.length]);
};
