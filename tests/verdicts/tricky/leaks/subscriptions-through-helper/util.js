'use strict';

exports.subscribe = function subscribe(emitter, handlers) {
  for (const [event, fn] of Object.entries(handlers)) emitter.on(event, fn); // heapmark: grows
  return () => {
    for (const [event, fn] of Object.entries(handlers)) emitter.off(event, fn);
  };
};
