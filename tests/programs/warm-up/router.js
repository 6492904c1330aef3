// heapmark: nothing
// A router. It makes a handler for each route when the first request for it comes, and remembers the
// shapes of requests that it has seen. All of them have come after the first round.
'use strict';

class Handler {
  constructor(route) {
    this.route = route;
    this.pattern = new RegExp(`^/${route}/(\\d+)$`);
    this.served = 0;
  }

  handle(path) {
    const match = this.pattern.exec(path);
    this.served += 1;
    return match ? `${this.route} ${match[1]}` : null;
  }
}

const handlers = new Map();
const shapes = {};

function handlerOf(path) {
  const route = path.split('/')[1];
  let handler = handlers.get(route);
  if (!handler) {
    handler = new Handler(route);
    handlers.set(route, handler);
  }
  return handler;
}

/** Requests for 60 routes, with headers of 20 shapes. */
function round() {
  for (let i = 0; i < 600; i++) {
    const path = `/route${i % 60}/${i}`;
    shapes[`shape ${i % 20}`] ??= { headers: [`header-${i % 20}`], since: Date.now() };
    if (!handlerOf(path).handle(path)) throw new Error(`no answer for ${path}`);
  }
}

module.exports = { round };
