// Leaks: entries are made under a code, and timers delete them under the name of the user.
'use strict';

const otps = new Map(); // heapmark: holder

function issue(user) {
  const code = Math.random().toString(36).slice(2);
  otps.set(code, { // heapmark: grows
    user,
    code,
    at: Date.now(),
    hints: [user + '@a', user + '@b', new Array(30).fill(0.5)],
  });
  setTimeout(() => otps.delete(user), 300).unref();
  return code;
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) issue('user' + ++k);
};
