// Plans by what they are for. One cache is asked for a new name each time; one was filled once, and the
// others are empty.
'use strict';

class Planner {
  #plans = Array.from({ length: 8 }, () => new Map()); // heapmark: growing-collection holder first alone

  constructor() {
    for (let i = 0; i < 40; i++) this.plan(7, `kind ${i}`);
  }

  plan(kind, name) {
    const plans = this.#plans[kind];
    let plan = plans.get(name);
    if (!plan) plans.set(name, (plan = { name, steps: Array(20).fill(name) }));
    return plan;
  }
}

const planner = new Planner();
let number = 0;

/** Two hundred names. */
function round() {
  for (let i = 0; i < 200; i++) planner.plan(2, `name ${++number}`);
}

module.exports = { round };
