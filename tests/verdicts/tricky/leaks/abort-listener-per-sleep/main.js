// Leaks: each sleep listens to the signal of the whole process, and does not stop when it is over.
'use strict';

const { runJob } = require('./jobs');

exports.work = async (n) => {
  for (let i = 0; i < n; i++) await runJob('p'.repeat(100) + i);
};
