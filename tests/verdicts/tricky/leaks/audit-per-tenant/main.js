// Leaks: each of forty tenants has a list that only grows, so that each list stays small.
'use strict';

class Tenant {
  constructor(name) {
    this.name = name;
    this.audit = []; // heapmark: holder
    this.flags = new Map();
  }
  log(action) {
    this.audit.push({ action, at: new Date(), detail: [action + '!', this.name + action] }); // heapmark: grows
  }
}

const tenants = new Map(Array.from({ length: 40 }, (_, i) => ['t' + i, new Tenant('t' + i)]));

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) tenants.get('t' + (i % 40)).log('act' + ++k);
};
