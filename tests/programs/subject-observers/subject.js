// Something that can be observed, in the manner of RxJS.
'use strict';

class Subject {
  constructor() {
    this.observers = [];
    this.currentObservers = null;
  }

  subscribe(next) {
    this.observers.push(next);
    this.currentObservers = null;
    return () => {
      this.currentObservers = null;
      this.observers = this.observers.filter((observer) => observer !== next);
    };
  }

  next(value) {
    // Whoever is called may subscribe.
    this.currentObservers ??= [...this.observers];
    for (const observer of this.currentObservers) observer(value);
  }
}

module.exports = { Subject };
