'use strict';

class Component {
  constructor(name) {
    this.name = name;
    this.disposers = []; // heapmark: holder
  }
  own(fn) {
    this.disposers.push(fn); // heapmark: grows
    return fn;
  }
  dispose() {
    while (this.disposers.length) this.disposers.pop()();
  }
}

exports.Component = Component;
