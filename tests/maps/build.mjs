// Turns TypeScript into JavaScript as people do, with the real tools:
//
//     node build.mjs FOLDER WAY
//
// FOLDER holds `src/main.ts`; the result goes to `dist/` in it. WAY is one of the keys below.
import { readdirSync, mkdirSync, renameSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const [folder, way] = process.argv.slice(2).map((argument, index) => (index ? argument : path.resolve(argument)));
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
};

await ways[way]();

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
    resolveLoader: { modules: [path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'node_modules')] },
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
