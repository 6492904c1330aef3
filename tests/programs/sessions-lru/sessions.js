// Visitors have sessions with baskets; the oldest session goes when there are too many.
// heapmark: nothing
'use strict';

const MOST_SESSIONS = 100;

class Session {
  constructor(visitor) {
    this.visitor = visitor;
    this.basket = Array.from({ length: 40 }, (_, place) => ({ place, article: null }));
    this.pages = new Map();
  }

  visit(page) {
    this.pages.set(page, { page, times: (this.pages.get(page)?.times ?? 0) + 1 });
  }
}

const sessions = new Map();

function sessionOf(visitor) {
  let session = sessions.get(visitor);
  if (session) {
    sessions.delete(visitor);
  } else {
    session = new Session(visitor);
    if (sessions.size >= MOST_SESSIONS) sessions.delete(sessions.keys().next().value);
  }
  sessions.set(visitor, session);
  return session;
}

let visits = 0;

/** 600 visits; every visitor looks at twenty pages. */
function round() {
  for (let i = 0; i < 600; i++) {
    const session = sessionOf(`visitor ${++visits}`);
    for (let page = 0; page < 20; page++) session.visit(`page ${page}`);
  }
}

for (let warm = 0; warm < MOST_SESSIONS; warm++) sessionOf(`early visitor ${warm}`);

module.exports = { round };
