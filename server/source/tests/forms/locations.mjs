// Runs the program named by the first argument, which hands every form of function, class and
// instance to `keep(expected, value, made)`, and prints what a heap snapshot says of each: where V8 has
// it, under which name, and its text as V8 has it.
import { pathToFileURL } from 'node:url';
import { getHeapSnapshot } from 'node:v8';

class Kept {
  constructor(index, expected, value, made) {
    this.number = `kept ${index}`;
    this.expected = expected;
    this.value = value;
    this.made = made;
  }
}

const kept = [];
globalThis.keep = (expected, value, made = typeof value === 'function' ? value : value.constructor) =>
  kept.push(new Kept(kept.length, expected, value, made));
await import(pathToFileURL(process.argv[2]));

const chunks = [];
for await (const chunk of getHeapSnapshot()) chunks.push(chunk);
const { snapshot, nodes, edges, strings, locations } = JSON.parse(Buffer.concat(chunks));
const { meta } = snapshot;
const field = (name) => meta.node_fields.indexOf(name);
const [width, edgeWidth] = [meta.node_fields.length, meta.edge_fields.length];
const name = (node) => strings[nodes[node + field('name')]];
const type = (node) => meta.node_types[0][nodes[node + field('type')]];

const placed = new Map();
for (let at = 0; at < locations.length; at += meta.location_fields.length) {
  const [node, , line, column] = locations.slice(at, at + 4);
  placed.set(node, { line, column, name: name(node), isInstance: type(node) !== 'closure' });
}
const found = [];
for (let node = 0, edge = 0; node < nodes.length; node += width) {
  const last = edge + nodes[node + field('edge_count')] * edgeWidth;
  const properties = new Map();
  for (; edge < last; edge += edgeWidth) {
    if (name(node) === 'Kept' && meta.edge_types[0][edges[edge]] === 'property') {
      properties.set(strings[edges[edge + 1]], edges[edge + 2]);
    }
  }
  if (type(node) !== 'object' || !properties.has('number')) continue;
  const { expected, made } = kept[Number(name(properties.get('number')).split(' ')[1])];
  const place = placed.get(properties.get('value'));
  if (!place) throw new Error(`V8 places nothing for ${expected}`);
  found.push({ expected, ...place, text: Function.prototype.toString.call(made) });
}
if (found.length !== kept.length) throw new Error(`${found.length} of ${kept.length} were found`);
process.stdout.write(JSON.stringify(found));
