// Leaks: promises under way are shared, and forgotten when they are fulfilled; those that are rejected stay.
'use strict';

const { priceOf } = require('./prices');

let t = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    try {
      await priceOf('sku-' + i, ++t);
    } catch {
      /* shown as "n/a" */
    }
  }
};
