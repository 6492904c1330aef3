// A list of orders that is drawn anew again and again. What was drawn before is taken out of the page and
// kept.
'use strict';

const removed = []; // every row that was ever shown
let dialog = null; // the last dialog, closed long ago
const counts = new Map();

class Row {
  constructor(order) {
    this.order = order;
    this.element = document.createElement('section');
    this.element.append(`Order ${order}`, document.createElement('button'));
  }
}

let shown = [];
let orders = 0;

/** Draws 150 orders in place of those that are shown. */
function draw() {
  const list = document.getElementById('orders');
  for (const row of shown) {
    row.element.remove();
    removed.push(row);
  }
  shown = Array.from({ length: 150 }, () => new Row(++orders));
  list.append(...shown.map((row) => row.element));
  counts.set('drawn', orders);
}

/** Shows a dialog and closes it. */
function ask() {
  dialog = document.createElement('dialog');
  for (let i = 0; i < 30; i++) dialog.append(document.createElement('p'));
  document.body.append(dialog);
  dialog.remove();
}

draw();
draw();
ask();
globalThis.round = () => {
  draw();
  ask();
  return removed.length + dialog.childElementCount;
};
