// Bounded: ids are in a young set and an old one; at 8000 the young becomes the old.
'use strict';

class SeenRecently {
  constructor(perGeneration) {
    this.perGeneration = perGeneration;
    this.young = new Set();
    this.old = new Set();
  }
  has(id) {
    return this.young.has(id) || this.old.has(id);
  }
  add(id) {
    this.young.add(id);
    if (this.young.size >= this.perGeneration) {
      this.old = this.young;
      this.young = new Set();
    }
  }
}

const seen = new SeenRecently(8000);

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n * 4; i++) {
    const id = 'msg-' + ++k + '-' + 'z'.repeat(30) + k;
    if (!seen.has(id)) seen.add(id);
  }
};
