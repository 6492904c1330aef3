// Chrome DevTools' own heap engine, as far as its Memory panel needs for a first look: everything it
// computes when a snapshot is opened, and the Summary view.
//
//     node --max-old-space-size=16000 devtools.mjs FILE.heapsnapshot
//
// As in the panel, a second thread finds retainers, dominators and retained sizes. Left out is what no
// other engine computes: which of a page's frames owns what.
//
// The engine is the bundle of ../parity; `node ../parity/bundle.mjs` makes it.
import fs from 'node:fs';
import { isMainThread, MessageChannel, Worker, workerData } from 'node:worker_threads';

Promise.withResolvers ??= function withResolvers() {
  const parts = {};
  parts.promise = new this((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};
const { HeapSnapshotLoader, JSHeapSnapshot, SecondaryInitManager } =
  await import('../parity/node_modules/.devtools/heap-engine.mjs');
console.warn = () => {};

if (isMainThread) {
  await lookAt(process.argv[2]);
  process.exit(0);
} else {
  new SecondaryInitManager(workerData);
}

async function lookAt(file) {
  for (const method of ['calculateNativeContextAttribution', 'calculateNativeContextSizes']) {
    if (!JSHeapSnapshot.prototype[method]) throw new Error(`this engine has no ${method}`);
    JSHeapSnapshot.prototype[method] = () => {};
  }
  const loader = new HeapSnapshotLoader({ sendEvent() {} });
  // As the panel reads files: in pieces of 10 MB.
  for await (const chunk of fs.createReadStream(file, { encoding: 'utf8', highWaterMark: 10_000_000 })) {
    loader.write(chunk);
  }
  loader.close();
  await loader.parsingComplete;
  const { port1, port2 } = new MessageChannel();
  new Worker(new URL(import.meta.url), { workerData: port2, transferList: [port2] });
  const snapshot = await loader.buildSnapshot(port1);
  const classes = Object.keys(snapshot.getAggregatesByClassKey(false, 'all')).length;
  console.log(`${snapshot.nodeCount} nodes, ${classes} classes`);
}
