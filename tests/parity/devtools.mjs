// What Chrome DevTools' own heap engine computes for a snapshot, as tables:
//
//     node devtools.mjs OUT_FOLDER FILE[.gz]…
//
// For each FILE (.heapsnapshot or .heaptimeline) it writes OUT_FOLDER/FILE.TABLE.tsv, without the .gz,
// and prints the file's name when all tables are complete:
//
//     nodes       every node                     } in the columns and the escaping
//     classes     the Summary view               } of `heapmark export`
//     statistics  the Statistics view
//     names       every node's name as it is shown, which of the filters above the Summary it passes, and
//                 where it was written
//     links       what some nodes hold, what holds them, and what they dominate
//     filtered    the Summary view under each of the filters
//     strings     the duplicated strings
//     allocations the Allocation view of a timeline, the stack of every object, and bytes by interval
//     ignored     distances and ways to the roots, with some retainers ignored and without
//     changes     the Comparison view against the FILE before
//
// It stops at the first file that the engine cannot load. Run `node bundle.mjs` first. What is chosen
// here (which nodes are ignored, of which the ways are told) is chosen in the same way in tables.rs.
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
  for await (const chunk of file.includes('.heaptimeline') ? counted(text) : text) loader.write(chunk);
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

/**
 * A timeline with the right number of functions in its header. A program that records itself goes on
 * calling functions while V8 writes them: there are more than the header says, and DevTools, which
 * believes it, stops with a TypeError.
 */
async function* counted(text) {
  let whole = '';
  for await (const chunk of text) whole += chunk;
  const functions = /"trace_function_infos":\s*\[([^\]]*)/.exec(whole)?.[1] ?? '';
  const numbers = functions.trim() ? functions.split(',').length : 0;
  const fields = JSON.parse(/"trace_function_info_fields":\s*(\[[^\]]*\])/.exec(whole)?.[1] ?? '[]').length;
  yield whole.replace(/("trace_function_count":\s*)\d+/, (_, key) => key + numbers / fields);
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

function writeStatistics(snapshot, file) {
  const { total, native, v8heap } = snapshot.getStatistics();
  const table = new Table(file, 'total', 'native', 'typedArrays', 'v8heap', 'code', 'strings', 'jsArrays', 'system');
  table.row(total, native.total, native.typedArrays, v8heap.total, v8heap.code, v8heap.strings, v8heap.jsArrays,
    v8heap.system);
  table.close();
}

const FILTERS = ['objectsRetainedByDetachedDomNodes', 'objectsRetainedByConsole', 'objectsRetainedByEventHandlers',
  'objectsRetainedByContexts', 'duplicatedStrings'];

function writeNames(snapshot, file) {
  const table = new Table(file, 'ordinal', 'name', 'filters', 'location');
  const filters = FILTERS.map((name) => snapshot.createNamedFilter(name));
  const node = snapshot.createNode(0);
  for (let ordinal = 0; ordinal < snapshot.nodeCount; ordinal++) {
    node.nodeIndex = ordinal * snapshot.nodeFieldCount;
    const passed = filters.map((passes) => (passes(node) ? 1 : 0));
    const place = snapshot.getLocation(node.nodeIndex);
    const location = place ? `${place.scriptId}:${place.lineNumber}:${place.columnNumber}` : '';
    table.row(ordinal, escaped(node.name().slice(0, 200)), passed.join(''), location);
  }
  table.close();
}

function writeLinks(snapshot, file) {
  const table = new Table(file, 'ordinal', 'what', 'list');
  const { nodeCount, nodeFieldCount, edgeFieldsCount, dominatedNodes, firstDominatedNodeIndex } = snapshot;
  const edges = (iterator, passes, told) => {
    const list = [];
    for (; iterator.hasNext(); iterator.next()) {
      if (passes(iterator.item())) list.push(told(iterator.item()));
    }
    return list.join(' ');
  };
  const child = (edge) => {
    // A shortcut's name is shown otherwise where it begins with a number.
    const name = edge.isShortcut() ? snapshot.strings[edge.nameIndex()] : edge.name();
    return `${edge.type()} ${escaped(name.slice(0, 200))} > ${edge.nodeIndex() / nodeFieldCount},`;
  };
  const retainer = (edge) => snapshot.retainingEdges[edge.retainerIndex()] / edgeFieldsCount;
  const step = Math.max(1, Math.floor(nodeCount / 2000));
  for (let ordinal = 0; ordinal < nodeCount; ordinal += step) {
    const node = snapshot.createNode(ordinal * nodeFieldCount);
    // The engine fills its lists from the end, and never shows them as they are.
    const dominated = dominatedNodes.slice(firstDominatedNodeIndex[ordinal], firstDominatedNodeIndex[ordinal + 1]).sort();
    table.row(ordinal, 'children', edges(node.edges(), snapshot.containmentEdgesFilter(), child));
    table.row(ordinal, 'retainers', edges(node.retainers(), snapshot.retainingEdgesFilter(), retainer));
    table.row(ordinal, 'dominated', Array.from(dominated, (index) => index / nodeFieldCount).join(' '));
  }
  table.close();
}

function writeAllocations(snapshot, file) {
  const table = new Table(file, 'what', 'which', 'where', 'count', 'size', 'liveCount', 'liveSize');
  const where = ({ name, functionName, scriptName, scriptId, line, column }) =>
    escaped(`${name ?? functionName} ${scriptName} ${scriptId}:${line}:${column}`);
  if (snapshot.profile.snapshot.trace_function_count) {
    snapshot.allocationTracesTops().forEach((site, rank) => {
      table.row('site', rank, where(site), site.count, site.size, site.liveCount, site.liveSize);
    });
    for (let ordinal = 0; ordinal < snapshot.nodeCount; ordinal++) {
      const stack = snapshot.allocationStack(ordinal * snapshot.nodeFieldCount);
      if (stack?.length) table.row('stack', ordinal, stack.map(where).join(' < '), '', '', '', '');
    }
  }
  const { timestamps = [], lastAssignedIds, sizes } = snapshot.getSamples() ?? {};
  timestamps.forEach((milliseconds, interval) => {
    const moment = `${Math.round(milliseconds * 1000)} ${lastAssignedIds[interval]}`;
    table.row('interval', interval, moment, '', sizes[interval], '', '');
  });
  table.close();
}

function writeFiltered(snapshot, file) {
  const table = new Table(file, 'filter', 'classKey', 'name', 'count', 'distance', 'selfSum', 'maxRet');
  FILTERS.forEach((filterName, number) => {
    for (const [key, row] of Object.entries(snapshot.aggregatesWithFilter({ filterName }))) {
      table.row(number, escaped(key), escaped(row.name), row.count, row.distance, row.self, row.maxRet);
    }
  });
  table.close();
}

function writeStrings(snapshot, file) {
  const table = new Table(file, 'text', 'truncated', 'count', 'self', 'retained', 'ids');
  for (const group of snapshot.getDuplicateStrings()) {
    table.row(escaped(group.value.slice(0, 200)), group.truncated, group.count, group.totalSelfSize,
      group.totalRetainedSize, group.nodes.map(({ id }) => id).join(','));
  }
  table.close();
}

// Depth, nodes, siblings.
const LIMITS = [[30, 5000, 100], [6, 40, 3], [4, 1000, 2]];

function writeIgnored(snapshot, file) {
  const table = new Table(file, 'ignoring', 'what', 'which', 'distance', 'way');
  const { nodeCount, nodeFieldCount, edgeFieldsCount } = snapshot;
  const ignore = Math.max(7, Math.floor(nodeCount / 25));
  const tell = Math.max(1, Math.floor(nodeCount / 40));
  for (const isIgnoring of [0, 1]) {
    for (let ordinal = 3; isIgnoring && ordinal < nodeCount; ordinal += ignore) {
      snapshot.ignoreNodeInRetainersView(ordinal * nodeFieldCount);
    }
    for (let ordinal = 0; ordinal < nodeCount; ordinal++) {
      table.row(isIgnoring, 'node', ordinal, snapshot.getDistanceForRetainersView(ordinal * nodeFieldCount), '');
    }
    for (let edge = 0; edge < snapshot.containmentEdges.length / edgeFieldsCount; edge++) {
      if (snapshot.isEdgeIgnoredInRetainersView(edge * edgeFieldsCount)) table.row(isIgnoring, 'edge', edge, '', '');
    }
    const way = ({ edgeIndex, distance, children }) =>
      `${edgeIndex / edgeFieldsCount}@${distance}(${children.map(way).join(' ')})`;
    for (let ordinal = 0, told = 0; ordinal < nodeCount; ordinal += tell, told++) {
      const limits = LIMITS[told % LIMITS.length];
      const { paths, limitsReached } = snapshot.getRetainingPaths(ordinal * nodeFieldCount, ...limits);
      const cut = ['depth', 'nodes', 'siblings'].filter((limit) => limitsReached[limit]);
      table.row(isIgnoring, 'ways', ordinal, cut.join(' '), paths.map(way).join(' '));
    }
  }
  snapshot.unignoreAllNodesInRetainersView();
  table.close();
}

function writeChanges(snapshot, before, file) {
  const table = new Table(file, 'classKey', 'name', 'added', 'removed', 'addedSize', 'removedSize', 'addedIds', 'removedIds');
  const changes = snapshot.calculateSnapshotDiff(0, before.aggregatesForDiff(snapshot.interfaceDefinitions()));
  for (const [key, row] of Object.entries(changes)) {
    table.row(escaped(key), escaped(row.name), row.addedCount, row.removedCount, row.addedSize, row.removedSize,
      row.addedIds.join(','), row.deletedIds.join(','));
  }
  table.close();
}

const [folder, ...files] = process.argv.slice(2);
let before;
for (const file of files) {
  const name = path.basename(file).replace(/\.gz$/, '');
  const snapshot = await load(file).catch((error) => {
    throw new Error(`DevTools cannot load ${file}`, { cause: error });
  });
  const table = (what) => path.join(folder, `${name}.${what}.tsv`);
  writeNodes(snapshot, table('nodes'));
  writeClasses(snapshot, table('classes'));
  writeStatistics(snapshot, table('statistics'));
  writeLinks(snapshot, table('links'));
  writeAllocations(snapshot, table('allocations'));
  writeNames(snapshot, table('names'));
  writeFiltered(snapshot, table('filtered'));
  writeStrings(snapshot, table('strings'));
  writeIgnored(snapshot, table('ignored'));
  if (before) writeChanges(snapshot, before, table('changes'));
  before = snapshot;
  console.log(name);
}
