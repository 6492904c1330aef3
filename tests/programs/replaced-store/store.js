// A store in the manner of Redux: nothing is ever changed, every action makes a new state. The list
// of messages is copied and made longer with each action.
'use strict';

let state = { user: 'ada', messages: [] }; // heapmark: growing-collection holder first

function reduce(current, action) {
  switch (action.type) {
    case 'message':
      return { ...current, messages: [...current.messages, action.message] };
    case 'login':
      return { ...current, user: action.user };
    default:
      return current;
  }
}

function dispatch(action) {
  state = reduce(state, action); // heapmark: growing-collection grows
}

// The same, two objects further inside.
class Forum {
  #state = { theme: 'dark', rooms: { open: { topics: [], unread: 0 }, closed: [] } }; // heapmark: growing-collection holder

  static #reduce(current, topic) {
    const { rooms } = current;
    const open = { topics: [...rooms.open.topics, topic], unread: rooms.open.unread + 1 };
    return { ...current, rooms: { ...rooms, open } };
  }

  post(topic) {
    this.#state = Forum.#reduce(this.#state, topic); // heapmark: growing-collection grows
  }

  get unread() {
    return this.#state.rooms.open.unread;
  }
}

const forum = new Forum();

let numbers = 0;

/** 300 messages, and a few logins. */
function round() {
  for (let i = 0; i < 300; i++) {
    dispatch({ type: 'message', message: { number: ++numbers, text: `message ${numbers}`, seen: false } });
    if (i % 50 === 0) dispatch({ type: 'login', user: `user ${i}` });
    if (i % 2 === 0) forum.post({ number: numbers, title: `topic ${numbers}` });
  }
  if (forum.unread !== numbers / 2) throw new Error('topics are lost');
  if (state.messages.at(-1).number !== numbers) throw new Error('messages are lost');
}

module.exports = { round };
