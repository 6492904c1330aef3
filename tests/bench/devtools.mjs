// Chrome DevTools' own heap engine, as far as its Memory panel needs for a first look: everything it
// computes when a snapshot is opened, and the Summary view.
//
//     node --max-old-space-size=16000 devtools.mjs FILE.heapsnapshot
//
// The engine is the bundle of ../parity; `node ../parity/bundle.mjs` makes it.
import fs from 'node:fs';

Promise.withResolvers ??= function withResolvers() {
  const parts = {};
  parts.promise = new this((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};
const { HeapSnapshotLoader, SecondaryInitManager } = await import('../parity/node_modules/.devtools/heap-engine.mjs');
console.warn = () => {};

const loader = new HeapSnapshotLoader({ sendEvent() {} });
// As the panel reads files: in pieces of 10 MB.
for await (const chunk of fs.createReadStream(process.argv[2], { encoding: 'utf8', highWaterMark: 10_000_000 })) {
  loader.write(chunk);
}
loader.close();
await loader.parsingComplete;
const { port1, port2 } = new MessageChannel();
new SecondaryInitManager(port2);
const snapshot = await loader.buildSnapshot(port1);
const classes = Object.keys(snapshot.getAggregatesByClassKey(false, 'all')).length;
console.log(`${snapshot.nodeCount} nodes, ${classes} classes`);
process.exit(0);
