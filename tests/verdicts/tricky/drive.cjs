// Runs one of the programs beside this file and writes its snapshots:
//
//     node --expose-gc drive.cjs MAIN WAY FOLDER
'use strict';

const { join } = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
const { writeHeapSnapshot } = require('node:v8');

/** How much is to be done: what is worked on is counted by the programs. */
const WORK = 300;
/** Enough that what is made once is there. */
const WARM_UP = 50;

const ways = {
  /** Before the work, after it, and after a rest. */
  async rest(work, capture) {
    await work(WARM_UP);
    await pause(300);
    capture('before');
    await work(WORK);
    await pause(20);
    capture('after');
    await pause(1500);
    gc();
    capture('rested');
  },

  /** After each of three equal rounds. */
  async work(work, capture) {
    for (const round of ['1', '2', '3']) {
      await work(WORK);
      capture(round);
    }
  },
};

async function main([file, way, folder]) {
  const { work } = await import(pathToFileURL(file));
  await ways[way](work, (name) => writeHeapSnapshot(join(folder, `${name}.heapsnapshot`)));
  // Servers and timers of the program would keep the process.
  process.exit(0);
}

main(process.argv.slice(2));
