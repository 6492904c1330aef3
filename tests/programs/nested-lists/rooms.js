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

/** Four messages in each room. */
function round() {
  for (const room of rooms.values()) {
    for (let i = 0; i < 4; i++) room.say(`user ${i}`, `message ${++messages}`);
  }
}

module.exports = { round };
