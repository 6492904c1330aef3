// What Chrome DevTools' own heap engine computes for a snapshot, as tables:
//
//     node devtools.mjs OUT_FOLDER FILE.heapsnapshot[.gz]…
//
// For each FILE it writes OUT_FOLDER/NAME.nodes.tsv (every node) and OUT_FOLDER/NAME.classes.tsv (the
// Summary view), in the columns and the escaping of `heapmark export`, and prints the file's name when
// both are complete. It stops at the first file that the engine cannot load. Run `node bundle.mjs` first.
import fs from 'node:fs';
import path from 'node:path';
import { createGunzip } from 'node:zlib';

// Node.js 20 has no Promise.withResolvers yet; the engine uses it.
Promise.withResolvers ??= function withResolvers() {
  const parts = {};
  parts.promise = new this((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};
const { HeapSnapshotLoader, JSHeapSnapshot, SecondaryInitManager } =
  await import('./node_modules/.devtools/heap-engine.mjs');

// The engine overwrites self sizes when it moves those of internal nodes to their owners: note what
// the file says just before.
const rawSizes = new WeakMap();
const { calculateShallowSizes } = JSHeapSnapshot.prototype;
JSHeapSnapshot.prototype.calculateShallowSizes = function () {
  rawSizes.set(this, column(this, this.nodeSelfSizeOffset));
  calculateShallowSizes.call(this);
};

// Nodes that cannot be reached are nothing to warn of here: they belong to what is compared.
console.warn = () => {};

function column(snapshot, offset) {
  return Float64Array.from({ length: snapshot.nodeCount }, (_, ordinal) =>
    snapshot.nodes.getValue(ordinal * snapshot.nodeFieldCount + offset));
}

async function load(file) {
  const loader = new HeapSnapshotLoader({ sendEvent() {} });
  const bytes = fs.createReadStream(file);
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  text.setEncoding('utf8');
  for await (const chunk of text) loader.write(chunk);
  loader.close();
  await loader.parsingComplete;

  // DevTools uses a second worker for the dominators; here it is the other end of a channel.
  const { port1, port2 } = new MessageChannel();
  new SecondaryInitManager(port2);
  const snapshot = await loader.buildSnapshot(port1);
  port1.close();
  port2.close();
  return snapshot;
}

/** A table that is written in large pieces. */
class Table {
  #file;
  #lines = [];

  constructor(file, ...columns) {
    this.#file = fs.openSync(file, 'w');
    this.row(...columns);
  }

  row(...cells) {
    if (this.#lines.push(cells.join('\t')) === 50_000) this.#flush();
  }

  #flush() {
    if (this.#lines.length) fs.writeSync(this.#file, this.#lines.join('\n') + '\n');
    this.#lines = [];
  }

  close() {
    this.#flush();
    fs.closeSync(this.#file);
  }
}

const ESCAPES = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text) => text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]);

function writeNodes(snapshot, file) {
  const table = new Table(file, 'ordinal', 'id', 'type', 'className', 'rawSelf', 'self', 'retained',
    'distance', 'domId', 'flags', 'detachedness');
  const ids = column(snapshot, snapshot.nodeIdOffset);
  const rawSelf = rawSizes.get(snapshot);
  const node = snapshot.createNode(0);
  for (let ordinal = 0; ordinal < snapshot.nodeCount; ordinal++) {
    node.nodeIndex = ordinal * snapshot.nodeFieldCount;
    table.row(ordinal, ids[ordinal], node.type(), escaped(node.className().slice(0, 200)), rawSelf[ordinal],
      node.selfSize(), snapshot.retainedSizes[ordinal], snapshot.nodeDistances[ordinal],
      ids[snapshot.dominatorsTree[ordinal]], snapshot.flags[ordinal], node.detachedness());
  }
  table.close();
}

function writeClasses(snapshot, file) {
  const table = new Table(file, 'classKey', 'name', 'count', 'distance', 'selfSum', 'maxRet');
  const classes = Object.entries(snapshot.getAggregatesByClassKey(false, 'allObjects'));
  classes.sort(([keyA, a], [keyB, b]) => b.maxRet - a.maxRet || (keyA < keyB ? -1 : 1));
  for (const [key, { name, count, distance, self, maxRet }] of classes) {
    table.row(escaped(key), escaped(name), count, distance, self, maxRet);
  }
  table.close();
}

const [folder, ...files] = process.argv.slice(2);
for (const file of files) {
  const name = path.basename(file).replace(/\.gz$/, '').replace(/\.heapsnapshot$/, '');
  const snapshot = await load(file).catch((error) => {
    throw new Error(`DevTools cannot load ${file}`, { cause: error });
  });
  writeNodes(snapshot, path.join(folder, `${name}.nodes.tsv`));
  writeClasses(snapshot, path.join(folder, `${name}.classes.tsv`));
  console.log(name);
}
