// heapmark: nothing, not even duplicate-strings
// A price list as in `repeated-texts`. Each text is kept once, however many rows have it.
'use strict';

const SUPPLIERS = ['Northern Harbour Trading Company, Hamburg', 'Westfield Sons and Daughters Ltd, Leeds'];
const TERMS = 'Payable within thirty days, free on board, insured by the sender';

let prices = [];

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

/** Replaces the list by a new one, of the same length. */
function round() {
  prices = parse(download(++version));
  if (prices[7].terms !== TERMS) throw new Error('the list is damaged');
}

round();

module.exports = { round };
