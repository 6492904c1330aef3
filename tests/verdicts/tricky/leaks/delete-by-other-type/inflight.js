'use strict';

class Inflight {
  constructor() {
    this.byId = new Map(); // heapmark: holder
    this.finished = 0;
  }
  begin(id, info) {
    this.byId.set(id, { id, info, startedAt: Date.now(), notes: [] }); // heapmark: grows
  }
  note(id, text) {
    const entry = this.byId.get(id);
    if (entry) entry.notes.push(text);
  }
  end(id) {
    // header values are strings, ids are numbers
    this.byId.delete(String(id));
    this.finished++;
  }
}

module.exports = { Inflight };
