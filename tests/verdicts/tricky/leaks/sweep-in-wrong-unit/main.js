// Leaks: expiry is set in milliseconds and held against seconds, so nothing has ever expired.
'use strict';

const sessions = new Map(); // heapmark: holder
const TTL = 1000;
setInterval(() => {
  const now = Math.floor(Date.now() / 1000);
  for (const [id, s] of sessions) if (s.expiresAt < now) sessions.delete(id);
}, 200).unref();

function login(user) {
  const id = 's' + Math.random();
  sessions.set(id, { // heapmark: grows
    user,
    expiresAt: Date.now() + TTL,
    data: new Array(50).fill(user.length + 0.5),
  });
  return id;
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) login('user' + ++k);
};
