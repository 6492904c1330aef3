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
  state = reduce(state, action);
}

let numbers = 0;

/** 300 messages, and a few logins. */
function round() {
  for (let i = 0; i < 300; i++) {
    dispatch({ type: 'message', message: { number: ++numbers, text: `message ${numbers}`, seen: false } });
    if (i % 50 === 0) dispatch({ type: 'login', user: `user ${i}` });
  }
  if (state.messages.at(-1).number !== numbers) throw new Error('messages are lost');
}

module.exports = { round };
