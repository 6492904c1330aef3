// Each poll answers with the first message for its user and forgets the loop, which goes on listening: every later
// message is kept for it.
'use strict';

const { feed, messagesFor } = require('./feed.js');

let users = 0;

async function poll() {
  const user = `user ${++users}`;
  const messages = messagesFor(user);
  const first = messages.next();
  feed.emit('message', { to: user, text: `hello ${user}` });
  const { value } = await first;
  return value.text;
}

/** 100 polls. */
async function round() {
  for (let i = 0; i < 100; i++) await poll();
}

module.exports = { round };
