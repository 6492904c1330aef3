// Leaks: the only loop that empties the queue ended with an error; what is pushed stays.
'use strict';

const { Channel } = require('./queue');

const events = new Channel(); // heapmark: holder
let seen = 0;
(async () => {
  for await (const e of events) {
    seen++;
    if (e.user === null) throw new TypeError('bad event');
  }
})().catch(() => {

  /* logged */
});

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    k++;
    events.push({ // heapmark: grows
      user: k === 20 ? null : { id: k, name: 'user ' + k },
      props: { page: '/p/' + k, tags: ['a' + k, 'b' + k, 'c'] },
    });
    if (i % 10 === 0) await new Promise((r) => setImmediate(r));
  }
};
