// Rules that may be edited while the program runs. // heapmark: module-reload leaked first
'use strict';

const limits = Array.from({ length: 50 }, (_, i) => ({ name: `limit ${i}`, most: i * 10 }));

function allows(amount) {
  return limits.some((limit) => amount < limit.most);
}

module.exports = { allows };
