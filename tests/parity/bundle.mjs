// Bundles the heap engine of Chrome DevTools (npm: chrome-devtools-frontend) into one module that
// Node.js can run without a browser: node_modules/.devtools/heap-engine.mjs.
//
// The engine itself is taken as it is. Only two things around it are replaced, because they need a
// browser: the translations of its progress messages, and the index of the text utilities, which
// would pull in the code editor.
import path from 'node:path';
import { build } from 'esbuild';

const folder = import.meta.dirname;
const frontEnd = path.join(folder, 'node_modules/chrome-devtools-frontend/front_end');

const translations = `
  const nothing = () => undefined;
  const anything = new Proxy({ serializeUIString: (text) => text }, { get: (known, name) => known[name] ?? (() => nothing) });
  export { anything as i18n, anything as TimeUtilities, anything as ByteUtilities };
  export { anything as DevToolsLocale, anything as NumberFormatter };
`;
const textUtilities = `export * as TextUtils from './TextUtils.js';`;

const withoutBrowser = {
  name: 'without-browser',
  setup({ onLoad }) {
    onLoad({ filter: /core\/i18n\/i18n\.[jt]s$/ }, () => ({ contents: translations, loader: 'js' }));
    onLoad({ filter: /core\/text_utils\/text_utils\.[jt]s$/ }, ({ path: file }) => ({
      contents: textUtilities, loader: 'js', resolveDir: path.dirname(file),
    }));
  },
};

await build({
  stdin: {
    contents: `
      export { JSHeapSnapshot, SecondaryInitManager } from './HeapSnapshot.js';
      export { HeapSnapshotLoader } from './HeapSnapshotLoader.js';
    `,
    resolveDir: path.join(frontEnd, 'entrypoints/heap_snapshot_worker'),
    sourcefile: 'heap-engine.ts',
    loader: 'ts',
  },
  outfile: path.join(folder, 'node_modules/.devtools/heap-engine.mjs'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  plugins: [withoutBrowser],
});
