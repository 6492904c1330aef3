// A price list that is fetched anew in each round. `JSON.parse` makes another string for each value, so
// every row has its own copy of the supplier's name and of the terms.
'use strict';

const SUPPLIERS = ['Northern Harbour Trading Company, Hamburg', 'Westfield Sons and Daughters Ltd, Leeds'];
const TERMS = 'Payable within thirty days, free on board, insured by the sender';

let prices = []; // heapmark: duplicate-strings holder first information

/** What a server answers. */
function download(version) {
  const rows = Array.from({ length: 4000 }, (_, i) => ({
    article: `A-${version}-${i}`,
    supplier: SUPPLIERS[i % SUPPLIERS.length],
    terms: TERMS,
  }));
  return JSON.stringify(rows);
}

let version = 0;

/** Replaces the list by a new one, of the same length. */
function round() {
  prices = JSON.parse(download(++version));
  if (prices[7].terms !== TERMS) throw new Error('the list is damaged');
}

round();

module.exports = { round };
