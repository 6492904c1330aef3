// A chat server. Each session sends a heartbeat, so that proxies do not cut the line.
'use strict';

const HEARTBEAT_MS = 30_000;

class ChatSession {
  constructor(id, room) {
    this.id = id;
    this.room = room;
    this.history = [];
    this.connected = false;
    this.lastBeat = 0;
  }

  connect() {
    this.connected = true;
    const sendHeartbeat = () => { // heapmark: uncleared-timers leaked
      if (this.connected) this.lastBeat = Date.now();
    };
    setInterval(sendHeartbeat, HEARTBEAT_MS).unref(); // heapmark: uncleared-timers grows first
  }

  say(text) {
    this.history.push({ room: this.room, text, at: Date.now() });
  }

  disconnect() {
    this.connected = false;
  }
}

let sessions = 0;

function visit(room) {
  const session = new ChatSession(++sessions, room);
  session.connect();
  for (let line = 0; line < 10; line++) session.say(`message ${line} of session ${session.id}`);
  session.disconnect();
  return session.history.length;
}

/** 200 people come, talk and go. */
async function round() {
  for (let i = 0; i < 200; i++) {
    visit(`room-${i % 8}`);
    if (i % 20 === 0) await new Promise(setImmediate);
  }
}

module.exports = { round };
