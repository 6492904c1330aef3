// Bounded: the newest 3000 events: a slice of what concat made.
'use strict';

const MAX_EVENTS = 3000;
const state = { events: [] };

function dispatch(ev) {
  state.events = state.events.concat(ev).slice(-MAX_EVENTS);
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) dispatch({ no: ++k, text: 'event ' + k, meta: [k + 0.5, k + 0.25] });
};
