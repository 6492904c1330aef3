// Who reads what. While a visit lasts, it hears when its article changes.
'use strict';

const { EventEmitter } = require('node:events');

const changes = new EventEmitter(); // heapmark: growing-listeners holder
changes.setMaxListeners(0);

class Visit {
  constructor(user, article) {
    this.user = user;
    this.article = article;
    this.bytes = 0;
    this.stale = false;
  }

  served(bytes) {
    this.bytes += bytes;
  }
}

function beginVisit(user, article) {
  const visit = new Visit(user, article);
  changes.on('article', function markStale(number) { // heapmark: growing-listeners grows; growing-listeners leaked
    if (number === visit.article.number) visit.stale = true;
  });
  return visit;
}

function visitStatistics() {
  return { listeners: changes.listenerCount('article') };
}

module.exports = { beginVisit, visitStatistics };
