// Takes orders. Orders for special parts wait until the warehouse has opened; the message that
// tells so never comes, nobody waits with a limit, and so they wait for ever.
'use strict';

class Order {
  constructor(number, items) {
    this.number = number;
    this.items = items;
    this.state = 'new';
    this.log = [`order ${number} taken`];
  }
}

const IN_STOCK = new Set(['bolt', 'nut', 'washer']);

const warehouseOpens = new Promise((resolve) => { // heapmark: pending-promises holder
  process.once('SIGHUP', resolve);
});

async function placeOrder(order) { // heapmark: pending-promises leaked first
  order.state = 'waiting';
  if (!order.items.every((item) => IN_STOCK.has(item.name))) {
    await warehouseOpens;
  }
  order.state = 'sent';
  order.log.push(`order ${order.number} sent`);
  return order;
}

async function acceptOrder(order) {
  const sent = placeOrder(order);
  sent.catch((error) => order.log.push(error.message));
  return { number: order.number, accepted: true };
}

let numbers = 0;

/** 300 orders, two thirds of them for parts that are not in stock. */
async function round() {
  for (let i = 0; i < 300; i++) {
    const name = i % 3 === 0 ? 'bolt' : `special part ${i}`;
    const answer = await acceptOrder(new Order(++numbers, [{ name, amount: 1 + (i % 5) }]));
    if (!answer.accepted) throw new Error(`order ${answer.number} was refused`);
  }
}

module.exports = { round };
