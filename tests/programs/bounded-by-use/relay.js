// heapmark: nothing
// A relay of messages. Its parts grow from snapshot to snapshot, and none of them can grow for long.
'use strict';

/** Hands out in the order of arrival; what was handed out leaves an empty place behind. */
class Queue {
  constructor() {
    this.places = new Array(2048);
    this.top = 0;
    this.bottom = 0;
  }

  push(message) {
    this.places[this.top] = message;
    this.top = (this.top + 1) & 2047;
  }

  shift() {
    const message = this.places[this.bottom];
    this.places[this.bottom] = undefined;
    this.bottom = (this.bottom + 1) & 2047;
    return message;
  }
}

class Connection {
  constructor(number) {
    this.number = number;
    this.scratch = Array(50).fill(number);
  }
}

/** As many connections as are needed at once, and never more than `most`. */
class Pool {
  constructor(most) {
    this.most = most;
    this.idle = [];
    this.made = 0;
  }

  take() {
    if (this.idle.length > 0) return this.idle.pop();
    if (this.made < this.most) {
      this.made++;
      return new Connection(this.made);
    }
    return undefined;
  }

  give(connection) {
    this.idle.push(connection);
  }
}

const queue = new Queue();
const pool = new Pool(240);
/** The newest five thousand receipts. */
const receipts = new Array(5000).fill(null);
const topics = new Map();
/** The newest three hundred senders; those that come later write more. */
const senders = {};
let current = new Set();
let previous = new Set();
/** The newest messages, in a store that is never changed, only replaced. */
let state = { view: { page: 1 }, chat: { newest: [], unread: 0 } };
let draft = null;
let drafts = 0;
let oldestNote = null;
let newestNote = null;
let notes = 0;
let failure = null;
let failures = 0;
const facts = new WeakMap();
const owner = { name: 'relay' };
let strangers = 0;
let numbers = 0;
let rounds = 0;

/** Whether a message came before: among the last five hundred to a thousand. */
function isKnown(id) {
  const known = current.has(id) || previous.has(id);
  current.add(id);
  if (current.size >= 500) {
    previous = current;
    current = new Set();
  }
  return known;
}

/** There are four hundred topics, some of which are met much more often than others. */
function topicOf(number) {
  const name = `topic ${Math.floor(400 * (((number * 7919) % 1000) / 1000) ** 2)}`;
  let topic = topics.get(name);
  if (!topic) topics.set(name, (topic = { name, text: 'x'.repeat(200) + name, messages: 0 }));
  topic.messages += 1;
  return topic;
}

/** Remembers what a new sender wrote, and forgets the one that came first. */
function remember() {
  const words = Array.from({ length: 5 + Math.floor(++strangers / 20) }, (_, i) => ({ i }));
  senders[`sender-${strangers}`] = { words };
  delete senders[`sender-${strangers - 300}`];
}

/** Puts a message into the store. */
function show(message) {
  state = { ...state, chat: { ...state.chat, newest: [...state.chat.newest, message].slice(-5000) } };
}

/** What can be undone: the newest five thousand states, each with the one before. */
class Draft {
  constructor(text, before) {
    this.text = text;
    this.before = before;
    this.words = Array(20).fill(text);
  }
}

function write(text) {
  draft = new Draft(text, draft);
  if (++drafts > 5000) forgetDrafts();
}

function forgetDrafts() {
  let oldest = draft;
  for (let i = 1; i < 5000; i++) oldest = oldest.before;
  oldest.before = null;
  drafts = 5000;
}

/** The newest five thousand notes, from the oldest to the newest. */
function note(text) {
  const note = { text, next: null, words: Array(20).fill(text) };
  if (newestNote) newestNote.next = note;
  else oldestNote = note;
  newestNote = note;
  if (++notes > 5000) oldestNote = oldestNote.next;
}

/** Tells of all failures since the last success, which never took long to come. */
function fail(number) {
  failure = new Error(`message ${number} was late`, { cause: failure });
  if (++failures === 3000) {
    failure = null;
    failures = 0;
  }
}

/** The newest two thousand things that are known of an owner. */
function learn(owner, name, fact) {
  let known = facts.get(owner);
  if (!known) facts.set(owner, (known = new Map()));
  known.set(name, fact);
  if (known.size > 2000) known.delete(known.keys().next().value);
}

/** Four hundred messages over more connections than the time before. */
function round() {
  rounds += 1;
  const taken = [];
  for (let i = 0; i < 80 * rounds; i++) {
    const connection = pool.take();
    if (connection) taken.push(connection);
  }
  for (let i = 0; i < 400; i++) {
    const number = ++numbers;
    queue.push({ number, topic: topicOf(number), tags: Array(20).fill(number) });
    receipts[number % receipts.length] = { number };
    show({ number, tags: Array(20).fill(number) });
    if (number % 4 === 0) remember();
    write(`draft ${number}`);
    note(`note ${number}`);
    fail(number);
    learn(owner, `fact ${number}`, { number, words: Array(20).fill(number) });
    if (isKnown(`message ${number}`)) throw new Error('a message came twice');
  }
  for (let i = 0; i < 400; i++) {
    if (!queue.shift()) throw new Error('a message is lost');
  }
  for (const connection of taken) pool.give(connection);
}

// The relay has been at work before anybody looks.
for (let i = 0; i < 300; i++) remember();
round();

module.exports = { round };
