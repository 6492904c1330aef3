// Leaks: listeners are added by a helper, which returns how to remove them; that is called for few of them.
'use strict';

const { QuoteStream } = require('./stream');
const { upstream } = require('./upstream');

exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const s = new QuoteStream('SYM' + i);
    s.start();
    upstream.tick(i);
    s.close(i % 5 === 0);
  }
};
