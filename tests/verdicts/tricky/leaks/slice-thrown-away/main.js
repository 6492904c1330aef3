// Leaks: beyond the limit the newest rows are copied, and the copy is not used.
'use strict';

const MAX_ROWS = 100;
const rows = []; // heapmark: holder

function add(row) {
  rows.push(row); // heapmark: grows
  if (rows.length > MAX_ROWS) rows.slice(-MAX_ROWS);
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) add({ no: ++k, v: new Array(40).fill(k + 0.5) });
};
