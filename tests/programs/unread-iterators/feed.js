'use strict';

const { EventEmitter, on } = require('node:events');

const feed = new EventEmitter(); // heapmark: growing-listeners holder
feed.setMaxListeners(0);

/** The messages for a user, as they come. */
async function* messagesFor(user) {
  for await (const [message] of on(feed, 'message')) { // heapmark: growing-listeners grows first
    if (message.to === user) yield message;
  }
}

module.exports = { feed, messagesFor };
