// Workers that want to save their state when the process is asked to reload. None of them stops
// listening.
'use strict';

process.setMaxListeners(0);

class Worker {
  constructor(name) {
    this.name = name;
    this.state = Array.from({ length: 8 }, (_, i) => `${name} step ${i}`);
  }

  start() {
    process.on('SIGUSR2', () => this.save()); // heapmark: growing-listeners grows first
    return this;
  }

  save() {
    this.saved = this.state.join('\n');
  }
}

let names = 0;

/** Starts 150 workers. */
function round() {
  for (let i = 0; i < 150; i++) new Worker(`worker ${++names}`).start();
}

module.exports = { round };
