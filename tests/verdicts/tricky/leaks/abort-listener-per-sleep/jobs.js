'use strict';

const { signal } = require('./shutdown');

function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const t = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { // heapmark: grows
      clearTimeout(t);
      reject(signal.reason);
    });
  });
}

exports.runJob = async function runJob(payload) {
  await sleep(0, signal); // heapmark: grows
  return payload.length;
};
