// Bounded: whoever edits waits for the event that says that it was saved, which comes after half a second.
'use strict';

const { EventEmitter, once } = require('node:events');

const bus = new EventEmitter();
bus.setMaxListeners(0);
const timers = new Map();

function saveLater(id, text) {
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => {
      timers.delete(id);
      bus.emit(`saved ${id}`, text.length);
    }, 500),
  );
}

async function edit(id) {
  saveLater(id, `text of ${id} `.repeat(80));
  await once(bus, `saved ${id}`);
}

let load = 0;
let last = 0;
exports.work = async (n) => {
  load += n;
  for (let i = 0; i < load; i++) edit(++last);
  await new Promise((resolve) => setTimeout(resolve, 20));
};
