// Leaks: a counter has one value for each set of labels, and the labels name the user.
'use strict';

const { counter, inc } = require('./metrics');

const requests = counter('http_requests_total', 'Requests by path and status');
const errors = counter('errors_total', 'Errors by kind');

let user = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    user++;
    inc(requests, { // heapmark: grows
      path: '/users/' + user + '/basket',
      status: i % 9 ? '200' : '404',
      agent: 'agent/' + user,
    });
    if (i % 10 === 0) inc(errors, { kind: 'timeout' });
  }
};
