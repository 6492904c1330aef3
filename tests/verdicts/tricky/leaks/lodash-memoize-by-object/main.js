// Leaks: results are remembered under the argument, an object that is new at each call.
'use strict';

const _ = require('lodash');

const formatOrder = _.memoize((order) => ({ // heapmark: holder
  title: `Order ${order.id}`,
  lines: order.lines.map((l) => l.toUpperCase()),
}));

let id = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++)
    formatOrder({ id: ++id, lines: ['apples ' + id, 'pears ' + id, 'plums ' + id] }); // heapmark: grows
};
