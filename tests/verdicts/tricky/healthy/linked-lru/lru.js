'use strict';

class Entry {
  constructor(key, value) {
    this.key = key;
    this.value = value;
    this.prev = null;
    this.next = null;
  }
}

class LinkedLru {
  constructor(capacity) {
    this.capacity = capacity;
    this.table = new Map();
    this.head = null;
    this.tail = null;
  }
  get(key) {
    const e = this.table.get(key);
    if (!e) return;
    this.#unlink(e);
    this.#front(e);
    return e.value;
  }
  set(key, value) {
    const e = new Entry(key, value);
    this.table.set(key, e);
    this.#front(e);
    if (this.table.size > this.capacity) this.#evict();
  }
  #evict() {
    const old = this.tail;
    this.#unlink(old);
    this.table.delete(old.key);
  }
  #front(e) {
    e.next = this.head;
    e.prev = null;
    if (this.head) this.head.prev = e;
    this.head = e;
    if (!this.tail) this.tail = e;
  }
  #unlink(e) {
    if (e.prev) e.prev.next = e.next;
    else this.head = e.next;
    if (e.next) e.next.prev = e.prev;
    else this.tail = e.prev;
  }
}

exports.LinkedLru = LinkedLru;
