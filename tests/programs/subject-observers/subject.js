// Something that can be observed, in the manner of RxJS.
'use strict';

class Subject {
  constructor() {
    this.observers = [];
  }

  subscribe(next) {
    this.observers.push(next);
    return () => {
      this.observers = this.observers.filter((observer) => observer !== next);
    };
  }

  next(value) {
    for (const observer of this.observers) observer(value);
  }
}

module.exports = { Subject };
