// Bounded: each code has a timer that deletes it after five minutes.
'use strict';

const codes = new Map();

function issue(user) {
  const code = Math.random().toString(36).slice(2);
  const timer = setTimeout(() => codes.delete(code), 5 * 60_000);
  codes.set(code, { user, timer, answers: [user + 'a', user + 'b'] });
  return code;
}

function redeem(code) {
  const e = codes.get(code);
  if (!e) return null;
  clearTimeout(e.timer);
  codes.delete(code);
  return e.user;
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    const c = issue('user' + ++k);
    if (i % 3 === 0) redeem(c);
  }
};
