// A chat with two hundred rooms. Each remembers what was said in it; no room alone looks large.
'use strict';

class Message {
  constructor(author, text) {
    this.author = author;
    this.text = text;
    this.at = Date.now();
  }
}

class Room {
  constructor(name) {
    this.name = name;
    this.said = []; // heapmark: growing-collection holder first
  }

  say(author, text) {
    this.said.push(new Message(author, text)); // heapmark: growing-collection grows
  }
}

const rooms = new Map(Array.from({ length: 200 }, (_, i) => [`room-${i}`, new Room(`room-${i}`)]));
let messages = 0;

// By author. No list is removed, and none is cut.
const answers = new Map(); // heapmark: growing-collection holder

function note(author, text) {
  if (!answers.has(author)) answers.set(author, []);
  answers.get(author).push({ to: text.length, after: Date.now() }); // heapmark: growing-collection grows
}

/** Four messages in each room. */
function round() {
  for (const room of rooms.values()) {
    for (let i = 0; i < 4; i++) room.say(`user ${i}`, `message ${++messages}`);
    note(`user ${messages % 3}`, room.name);
  }
}

module.exports = { round };
