'use strict';
// Runs the program named by the first argument and writes a snapshot to the second, as people do it by hand.
globalThis.held = require(require('node:path').resolve(process.argv[2]));
require('node:v8').writeHeapSnapshot(process.argv[3]);
