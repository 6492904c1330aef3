// Bounded: each call waits for two timers and returns, under growing load.
'use strict';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function deliver(mail) {
  for (let attempt = 1; attempt <= 2; attempt++) {
    await pause(300 * attempt);
    if (mail.body.length > 10_000) return 'too long';
  }
  return 'sent';
}

let load = 0;
exports.work = async (n) => {
  load += n;
  for (let i = 0; i < load; i++) deliver({ to: `user${i}@example.org`, body: `Dear ${i} `.repeat(40) });
  await pause(20);
};
