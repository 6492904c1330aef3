// Moves money between accounts, and notes every step for the auditors.
'use strict';

globalThis.auditTrail = []; // heapmark: growing-collection holder first

// Under a symbol that other copies of this module know, too.
const RECEIPTS = Symbol.for('bank.receipts'); // heapmark: growing-collection holder
globalThis[RECEIPTS] ??= [];

class Entry { // heapmark: growing-collection leaked
  constructor(kind, account, amount) {
    this.kind = kind;
    this.account = account;
    this.amount = amount;
    this.text = `${kind} ${amount} on ${account}`;
  }
}

const balances = new Map([['savings', 10_000], ['rent', 0], ['food', 0]]);

let receipts = 0;

function note(kind, account, amount) {
  auditTrail.push(new Entry(kind, account, amount)); // heapmark: growing-collection grows
  globalThis[RECEIPTS].push({ number: receipts++, text: `${amount} for ${account}` }); // heapmark: growing-collection grows
}

function transfer(from, to, amount) {
  balances.set(from, balances.get(from) - amount);
  note('debit', from, amount);
  balances.set(to, balances.get(to) + amount);
  note('credit', to, amount);
}

/** 200 transfers. */
function round() {
  for (let i = 0; i < 200; i++) transfer('savings', i % 2 ? 'rent' : 'food', 1 + (i % 9));
}

module.exports = { round };
