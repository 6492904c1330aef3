// Records what it allocates, with the stacks, and writes an allocation timeline:
//
//     node recorded.cjs OUT.heaptimeline [--alone]
//
// A worker does the recording, as DevTools does it from outside. With --alone the program records
// itself: then it calls new functions while V8 writes, and the header counts fewer functions than there
// are. It runs on Node.js 20 and everything newer.
'use strict';

const fs = require('node:fs');
const { Session } = require('node:inspector');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const [out, alone] = isMainThread ? process.argv.slice(2) : [workerData];

/** Starts the recording; the function that it resolves to ends it and writes the file. */
async function record(session, onChunk) {
  const post = (method, parameters) =>
    new Promise((resolve, reject) => {
      session.post(method, parameters, (error) => (error ? reject(error) : resolve()));
    });
  await post('HeapProfiler.enable');
  await post('HeapProfiler.startTrackingHeapObjects', { trackAllocations: true });
  return async () => {
    const file = fs.openSync(out, 'w');
    session.on('HeapProfiler.addHeapSnapshotChunk', ({ params }) => {
      onChunk();
      fs.writeSync(file, params.chunk);
    });
    await post('HeapProfiler.stopTrackingHeapObjects', { reportProgress: false });
    fs.closeSync(file);
  };
}

// What is allocated: instances, closures, garbage, under stacks that are deep, that go through builtins
// and through code made at run time.
const kept = [];
class Entry {
  constructor(i) {
    this.id = i;
    this.data = new Array(20).fill(i);
    this.read = () => this.data;
  }
  static many(count) { for (let i = 0; i < count; i++) kept.push(new Entry(i)); }
}
const garbage = (i) => ({ gone: 'garbage ' + i, with: [i, {}] });
const nested = (depth) => (depth ? [nested(depth - 1), garbage(depth)] : kept.push({ deep: {} }));
const generated = new Function('kept', 'for (let i = 0; i < 50; i++) kept.push({ generated: [i] });');
function* lazily() { for (let i = 0; i < 30; i++) yield { lazy: i }; }

function allocate(round) {
  Entry.many(200);
  for (let i = 0; i < 300; i++) garbage(i);
  nested(round % 7 === 0 ? 80 : 10);
  kept.push([3, 1, 2].map((n) => ({ mapped: n })), [{}, {}].sort(() => kept.push({}) && 0), ...lazily());
  kept.push(JSON.parse('[{"parsed": [1, 2]}, "text"]'), new Map([[{}, { of: round }]]), Buffer.alloc(100));
  generated(kept);
}

/** Some intervals of the recording, which V8 cuts every twentieth of a second. */
async function run() {
  for (let round = 0; round < 10; round++) {
    allocate(round);
    await new Promise((resolve) => { setTimeout(resolve, 40); });
  }
}

async function main() {
  if (!isMainThread) {
    const session = new Session();
    session.connectToMainThread();
    // Listening keeps the worker alive; waiting for the session does not.
    const isOver = new Promise((resolve) => { parentPort.on('message', resolve); });
    const stop = await record(session, () => {});
    parentPort.postMessage('recording');
    await isOver;
    await stop();
    session.disconnect();
    parentPort.postMessage('written');
  } else if (alone) {
    const session = new Session();
    session.connect();
    let chunks = 0;
    const stop = await record(session, () => {
      new Function('kept', `return function during${chunks++}() { kept.push({ late: {} }); };`)(kept)();
    });
    await run();
    await stop();
  } else {
    const worker = new Worker(__filename, { workerData: out });
    const said = () => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await said();
    await run();
    const written = said();
    worker.postMessage('stop');
    await written;
    process.exit(0);
  }
}

main();
