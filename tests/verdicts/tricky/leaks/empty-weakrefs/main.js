// Leaks: documents are held weakly, but their WeakRefs are held, and stay when the documents are gone.
'use strict';

const { track, countLive } = require('./registry');

class Doc {
  constructor(id) {
    this.id = id;
    this.body = 'x'.repeat(10) + id;
  }
}

exports.work = async (n) => {
  for (let i = 0; i < n * 10; i++) track(new Doc(i));
  countLive();
};
