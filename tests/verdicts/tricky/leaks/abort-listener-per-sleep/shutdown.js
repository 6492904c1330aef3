'use strict';

const { setMaxListeners } = require('node:events');

const controller = new AbortController(); // heapmark: holder
setMaxListeners(0, controller.signal);

exports.signal = controller.signal;

exports.stop = () => controller.abort();
