// heapmark: nothing, not even duplicate-strings growing-collection
// A price list as in `repeated-texts`. Each text is kept once, however many rows have it. Each list has
// discounts of its own, which come and go with it.
'use strict';

const SUPPLIERS = ['Northern Harbour Trading Company, Hamburg', 'Westfield Sons and Daughters Ltd, Leeds'];
const TERMS = 'Payable within thirty days, free on board, insured by the sender';

let prices = [];
let discounts = {};

/** What a server answers. */
function download(version) {
  const rows = Array.from({ length: 4000 }, (_, i) => ({
    article: `A-${version}-${i}`,
    supplier: SUPPLIERS[i % SUPPLIERS.length],
    terms: TERMS,
  }));
  return JSON.stringify(rows);
}

/** Parses rows so that equal texts are one string. */
function parse(json) {
  const known = new Map();
  const intern = (text) => {
    if (!known.has(text)) known.set(text, text);
    return known.get(text);
  };
  return JSON.parse(json, (key, value) => (typeof value === 'string' ? intern(value) : value));
}

let version = 0;

/** What one pays for so many of each of the first articles. */
function discountsOf(version) {
  const steps = (article) => Array.from({ length: 25 }, (_, i) => ({ article, from: 10 * i }));
  return Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`A-${version}-${i}`, { version, steps: steps(i) }]),
  );
}

/** Replaces the list by a new one, of the same length. */
function round() {
  prices = parse(download(++version));
  discounts = discountsOf(version);
  if (Object.keys(discounts).length !== 40) throw new Error('discounts are lost');
  if (prices[7].terms !== TERMS) throw new Error('the list is damaged');
}

round();

module.exports = { round };
