'use strict';
// Programs that are large by their code and not by their data, in `cargo xtask bench`:
//
//     node shapes.cjs make KIND COUNT FOLDER [ESBUILD]    writes the program, and builds it if it is TypeScript
//     node --expose-gc shapes.cjs run FOLDER RECORDS      runs it: three snapshots in FOLDER/.heapmark
//
// Every program also has RECORDS thousand plain records, so that the heaps are of one size; `plain` has
// nothing else. ESBUILD is the folder of that package.
const fs = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');

/** The text of `line(0)` to `line(count - 1)`. */
const lines = (count, line) => Array.from({ length: count }, (_, i) => line(i)).join('\n');

const RECORDS = `
const records = new Map();
exports.fill = (count) => {
  for (let i = 0; i < count; i++) {
    const id = records.size;
    records.set(id, { id, name: 'record ' + id, tags: [{ id }, { id }], seen: { at: id * 0.5 } });
  }
};
`;

/** What a module of the TypeScript programs is made of. */
const typescript = (i) => `
interface Entry { key: string; made: number }
const entries: Entry[] = [];
const limits = { most: ${i}, least: 0 };
export class Store${i} {
  private items = new Map<string, Entry>();
  add(key: string): number { this.items.set(key, { key, made: limits.most }); return this.items.size; }
  drop(key: string): boolean { return this.items.delete(key); }
}
export const store${i} = new Store${i}();
function remember(entry: Entry): void { if (entries.length < 9) entries.push(entry); }
function told(entry: Entry): string { return \`\${entry.key} of \${entries.length + limits.least}\`; }
export function handle${i}(key: string): () => string {
  const entry: Entry = { key, made: ${i} };
  remember(entry);
  return () => told(entry);
}
`;

const kinds = {
  plain: () => ({ 'main.js': 'exports.round = () => {};' }),

  functions: (count) => ({
    'main.js': `${lines(count, (i) => `const list${i} = [${i}];
function f${i}(x) { list${i}.push(x); return f${(i + 1) % count}.name + list${(7 * i) % count}.length; }`)}
exports.round = () => [${lines(count, (i) => `f${i},`)}].forEach((f) => f.name);`,
  }),

  classes: (count) => ({
    'main.js': `${lines(count, (i) => `const all${i} = []; class C${i} { constructor() { this.x = ${i}; } }`)}
exports.round = () => {
${lines(count, (i) => `for (let k = 0; k < 3; k++) all${i}.push(new C${i}());`)}
};`,
  }),

  'one-line': (count) => ({
    'main.js': `const all = [];${lines(count, (i) => `function f${i}(x){return()=>x+${i}}`)}exports.round=()=>{${
      lines(count, (i) => `all.push(f${i}({}))`)}}`.replaceAll('\n', ';'),
  }),

  scripts: (count) => ({
    'main.js': `const vm = require('node:vm'), path = require('node:path');
const all = [];
exports.round = () => {
  for (let i = 0; i < ${count}; i++) {
    const filename = path.join(__dirname, 'made', \`s\${all.length % 50}.js\`);
    all.push(vm.runInThisContext(\`(function g\${all.length}() { return \${all.length}; })\`, { filename }));
  }
};`,
  }),

  'nested-scopes': (count) => ({
    'main.js': `const all = [];
${lines(count, (i) => `function outer${i}(a) {
  const list = [a, ${i}];
  for (const b of list) { let c = b + '!'; {
    const d = { c }; all.push(() => { const e = d; return () => [a, list, b, c, d, e]; }); } }
}`)}
exports.round = () => [${lines(count, (i) => `outer${i},`)}].forEach((f, i) => f(i));`,
  }),

  // V8 writes each of the letters as an escape of six characters.
  escapes: (count) => ({
    'main.js': `class ${'é'.repeat(1000)} { constructor(id) { this.id = id; } }
const all = [];
exports.round = () => { for (let i = 0; i < ${count}; i++) all.push(new ${'é'.repeat(1000)}({ i })); };`,
  }),

  modules: (count) => ({
    ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}.ts`, typescript(i)])),
    'main.ts': `${lines(count, (i) => `import { handle${i}, store${i} } from './m${i}';`)}
const all: (() => string)[] = [];
export function round(): void {
${lines(count, (i) => `  all.push(handle${i}('key')); store${i}.add('key');`)}
}`,
  }),

  // Nearly all files of such a program have one name.
  files: (count) => {
    const folder = (i) => `p${Math.floor(i / 1000)}/q${i}`;
    return {
      ...Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`${folder(i)}/index.ts`, typescript(i)])),
      'main.ts': `declare const require: (name: string) => Record<string, any>;
const handlers: ((key: string) => () => string)[] = [];
for (let i = 0; i < ${count}; i++) {
  const made = require(\`./p\${Math.floor(i / 1000)}/q\${i}/index.js\`);
  handlers.push(made['handle' + i]);
}
const all: (() => string)[] = [];
export function round(): void { for (const handle of handlers) all.push(handle('key')); }`,
    };
  },
};

function make(kind, count, folder, esbuild) {
  const files = { 'records.js': RECORDS, ...kinds[kind](Number(count)) };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'src', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  const sources = Object.keys(files).filter((name) => name.endsWith('.ts'));
  if (sources.length === 0) return;
  const entry = (name) => path.join(folder, 'src', name);
  require(path.resolve(esbuild)).buildSync({
    entryPoints: kind === 'modules' ? [entry('main.ts')] : sources.map(entry),
    bundle: kind === 'modules',
    outdir: path.join(folder, 'dist'),
    outbase: path.join(folder, 'src'),
    platform: 'node',
    format: 'cjs',
    sourcemap: true,
  });
}

function run(folder, thousands) {
  const at = (...names) => path.resolve(folder, ...names);
  const built = at('dist', 'main.js');
  const { round } = require(fs.existsSync(built) ? built : at('src', 'main.js'));
  const { fill } = require(at('src', 'records.js'));
  const records = 1000 * Number(thousands);
  fs.mkdirSync(at('.heapmark'), { recursive: true });
  fill(records);
  for (const name of ['first', 'second', 'third']) {
    round();
    fill(records / 10);
    global.gc();
    v8.writeHeapSnapshot(at('.heapmark', `${name}.heapsnapshot`));
  }
}

const [what, ...rest] = process.argv.slice(2);
({ make, run })[what](...rest);
