// Turns TypeScript into JavaScript as people do, with the real tools:
//
//     node build.mjs FOLDER WAY [OTHER…]
//
// FOLDER holds `src/main.ts`; the result goes to `dist/` in it. WAY is one of the keys below.
//
// Each OTHER is a folder with a `src` of its own. It is built as if it stood in the place of FOLDER's, and
// what came out is put in its `dist`; FOLDER's own sources are built last.
import { cpSync, readdirSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const tools = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'node_modules');
const [folder, way, ...others] = process.argv.slice(2).map((it, index) => (index === 1 ? it : path.resolve(it)));
const src = path.join(folder, 'src');
const dist = path.join(folder, 'dist');
const entry = path.join(src, 'main.ts');

const ways = {
  // One file each, an external map beside it.
  'tsc': () => tsc({ sourceMap: true }),
  // Old JavaScript: classes, `async` and private names are lowered. The map is inside the file.
  'tsc-es2015': () => tsc({ inlineSourceMap: true, inlineSources: true, target: 'ES2015' }),
  // Sources are named below a root that exists on no machine.
  'tsc-source-root': () => tsc({ sourceMap: true, sourceRoot: '/build/market/src/', module: 'ESNext' }),
  // Plain JavaScript in the place of the sources: what a person wrote is what runs.
  'plain-cjs': () => plain('CommonJS'),
  'plain-esm': () => plain('ESNext'),
  'esbuild': () => esbuild({ format: 'cjs', sourcemap: true }),
  'esbuild-minified-beside': () => esbuild({ format: 'cjs', minify: true, sourcemap: true }),
  'esbuild-minified': () => esbuild({ format: 'esm', minify: true, sourcemap: 'inline', outExtension: { '.js': '.mjs' } }),
  // No comment says that there is a map.
  'esbuild-no-comment': () => esbuild({ format: 'cjs', minify: true, sourcemap: 'external', sourcesContent: false }),
  'webpack': () => webpack('production', 'source-map'),
  'webpack-eval': () => webpack('development', 'eval-source-map'),
  'rollup': () => rollup(),
  // Its maps lead to no arrow's head.
  'vite': () => vite(),
  'swc': () => swc({}),
  'swc-minified': () => swc({ minify: true }),
  'rolldown': () => rolldown(),
  'oxc': () => oxc({}),
  'oxc-minified': () => oxc({ minify: true }),
  // As Next builds by default: a route with Next's own around it, minified.
  'turbopack': () => turbopack(),
};

for (const other of others) await buildInPlace(other);
await ways[way]();

async function buildInPlace(other) {
  const own = path.join(folder, 'own');
  renameSync(src, own);
  cpSync(path.join(other, 'src'), src, { recursive: true });
  await ways[way]();
  for (const name of readdirSync(dist)) {
    // What Turbopack remembers is no part of what it built.
    if (name === 'cache') continue;
    cpSync(path.join(dist, name), path.join(other, 'dist', name), { recursive: true });
    rmSync(path.join(dist, name), { recursive: true });
  }
  rmSync(src, { recursive: true });
  renameSync(own, src);
}

function tsc(options) {
  const ts = require('typescript');
  const { options: parsed, errors } = ts.convertCompilerOptionsFromJson(
    {
      target: 'ES2022',
      module: 'CommonJS',
      moduleResolution: 'node10',
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      types: [],
      outDir: dist,
      rootDir: src,
      ...options,
    },
    folder,
  );
  const program = ts.createProgram([entry], parsed);
  const { emitSkipped } = program.emit();
  if (errors.length || emitSkipped) throw new Error(ts.formatDiagnostics(errors, ts.createCompilerHost(parsed)));
  if (parsed.module === ts.ModuleKind.ESNext) writeFileSync(path.join(dist, 'package.json'), '{"type":"module"}');
}

function plain(module) {
  tsc({ module });
  rmSync(src, { recursive: true });
  renameSync(dist, src);
}

async function esbuild(options) {
  const { build } = await import('esbuild');
  await build({ entryPoints: [entry], bundle: true, platform: 'node', target: 'node20', outdir: dist, ...options });
}

function webpack(mode, devtool) {
  const config = {
    mode,
    devtool,
    target: 'node',
    context: folder,
    entry,
    output: { path: dist, filename: 'main.js', library: { type: 'commonjs2' } },
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    resolveLoader: { modules: [tools] },
    module: {
      rules: [
        {
          test: /\.ts$/,
          loader: 'ts-loader',
          options: {
            transpileOnly: true,
            compiler: require.resolve('typescript'),
            compilerOptions: { module: 'ESNext', sourceMap: true },
          },
        },
      ],
    },
  };
  return new Promise((resolve, reject) => {
    require('webpack')(config, (error, stats) => {
      if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString()));
      else resolve();
    });
  });
}

async function rollup() {
  const ts = require('typescript');
  const { rollup } = await import('rollup');
  const strip = {
    name: 'typescript',
    transform(code, id) {
      if (!id.endsWith('.ts')) return null;
      const compilerOptions = { target: 'ES2022', module: 'ESNext', sourceMap: true };
      const { outputText, sourceMapText } = ts.transpileModule(code, { compilerOptions, fileName: id });
      return { code: outputText.replace(/\n\/\/# sourceMappingURL=.*$/, ''), map: JSON.parse(sourceMapText) };
    },
  };
  const bundle = await rollup({ input: entry, plugins: [strip], external: /^node:/ });
  await bundle.write({ file: path.join(dist, 'main.mjs'), format: 'es', sourcemap: true });
}

async function vite() {
  const { build } = await import('vite');
  const output = { entryFileNames: 'main.mjs' };
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: { ssr: entry, outDir: dist, sourcemap: true, minify: true, rolldownOptions: { output } },
  });
}

function swc({ minify = false }) {
  const { transformSync } = require('@swc/core');
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(src)) {
    const { code, map } = transformSync(readFileSync(path.join(src, name), 'utf8'), {
      filename: path.join(src, name),
      sourceFileName: `../src/${name}`,
      sourceMaps: true,
      minify,
      module: { type: 'commonjs' },
      jsc: {
        parser: { syntax: 'typescript' },
        target: 'es2021',
        rewriteRelativeImportExtensions: true,
        ...(minify ? { minify: { compress: true, mangle: { topLevel: true } } } : {}),
      },
    });
    const out = name.replace(/\.ts$/, '.js');
    writeFileSync(path.join(dist, out), `${code}\n//# sourceMappingURL=${out}.map\n`);
    writeFileSync(path.join(dist, `${out}.map`), map);
  }
}

async function rolldown() {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ cwd: folder, input: entry, platform: 'node' });
  await bundle.write({ file: path.join(dist, 'main.mjs'), sourcemap: true });
}

/** One file each, as modules of ECMAScript: oxc makes no others. */
async function oxc({ minify = false }) {
  const { minifySync, transformSync } = await import('rolldown/utils');
  mkdirSync(dist, { recursive: true });
  writeFileSync(path.join(dist, 'package.json'), '{"type":"module"}');
  for (const name of readdirSync(src)) {
    const options = { sourcemap: true, target: 'es2022', typescript: { rewriteImportExtensions: 'rewrite' } };
    const source = readFileSync(path.join(src, name), 'utf8');
    let made = transformSync(`../src/${name}`, source, options);
    const out = name.replace(/\.ts$/, '.js');
    if (minify) made = minifySync(out, made.code, { module: true, mangle: { toplevel: true }, sourcemap: true, inputMap: made.map });
    if (made.errors.length) throw new Error(made.errors.join('\n'));
    writeFileSync(path.join(dist, out), `${made.code}\n//# sourceMappingURL=${out}.map\n`);
    writeFileSync(path.join(dist, `${out}.map`), JSON.stringify(made.map));
  }
}

function turbopack() {
  const write = (name, text) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  rmSync(path.join(folder, 'node_modules'), { force: true });
  symlinkSync(tools, path.join(folder, 'node_modules'));
  // The tools and the program have nothing in common but the root. What is remembered makes every build
  // but the first one quick.
  const experimental = { serverSourceMaps: true, turbopackFileSystemCacheForBuild: true };
  const config = { distDir: 'dist', experimental, turbopack: { root: path.parse(folder).root } };
  write('next.config.mjs', `export default ${JSON.stringify(config)};`);
  // Next hands out none of a route's own exports.
  write('pages/api/market.js', "import * as market from '../../src/main.ts';\nglobalThis.market = market;\nexport default () => {};\n");
  const next = path.join(tools, 'next/dist/bin/next');
  execFileSync(process.execPath, [next, 'build', '--experimental-build-mode', 'compile'], {
    cwd: folder,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  write('dist/main.js', "require('./server/pages/api/market.js');\nmodule.exports = globalThis.market;\n");
}
