// Leaks: each request wraps a function of the logger once more, and each wrapper holds the one before.
'use strict';

const logger = { // heapmark: holder
  write(line) {
    logger.count = (logger.count || 0) + 1;
    return line;
  },
};

function withRequest(log, requestId) {
  const inner = log.write;
  log.write = function write(line) { // heapmark: grows
    return inner.call(log, '[' + requestId + '] ' + line);
  };
}

let id = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    withRequest(logger, 'req-' + ++id);
    if (i % 100 === 0) logger.write('hi');
  }
};
