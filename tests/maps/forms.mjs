// Everything in which TypeScript writes other words than people do, with maps that do not hold the
// sources:
//
//     node forms.mjs FOLDER
//
// FOLDER holds `src`, a copy of the folder `forms`; each way goes to a folder of its own in `FOLDER/out`.
import { readdirSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const folder = path.resolve(process.argv[2]);
const src = path.join(folder, 'src');
const sources = readdirSync(src).map((name) => path.join(src, name));

compile();
await esbuild();
swc();

function compile() {
  const ts = require('typescript');
  for (const target of ['ES5', 'ES2015', 'ES2017', 'ES2022', 'ESNext']) {
    for (const module of ['CommonJS', 'ESNext']) {
      for (const old of [true, false]) {
        const { options } = ts.convertCompilerOptionsFromJson(
          {
            target,
            module,
            moduleResolution: 'node10',
            sourceMap: true,
            experimentalDecorators: old,
            emitDecoratorMetadata: old,
            esModuleInterop: old,
            downlevelIteration: true,
            jsx: old ? 'react' : 'react-jsx',
            skipLibCheck: true,
            noCheck: true,
            types: [],
            rootDir: src,
            outDir: path.join(folder, 'out', `tsc-${target}-${module}-${old ? 'old' : 'new'}`),
          },
          src,
        );
        const program = ts.createProgram(sources, options);
        for (const source of sources) {
          // TypeScript 5.9 fails for decorators and private names at once in ES5.
          if (target === 'ES5' && old && source.endsWith('classes.ts')) continue;
          program.emit(program.getSourceFile(source));
        }
      }
    }
  }
}

async function esbuild() {
  const { build } = await import('esbuild');
  const ways = { files: {}, bundle: { bundle: true }, old: { bundle: true, target: 'es2017' } };
  for (const [way, options] of Object.entries(ways)) {
    await build({
      entryPoints: options.bundle ? sources.filter((source) => /main|view|server/.test(source)) : sources,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'error',
      outdir: path.join(folder, 'out', `esbuild-${way}`),
      ...options,
    });
  }
}

function swc() {
  const { transformSync } = require('@swc/core');
  const out = path.join(folder, 'out', 'swc');
  mkdirSync(out, { recursive: true });
  for (const source of sources) {
    const { code, map } = transformSync(readFileSync(source, 'utf8'), {
      filename: source,
      sourceFileName: path.relative(out, source),
      sourceMaps: true,
      module: { type: 'commonjs' },
      jsc: { parser: { syntax: 'typescript', tsx: source.endsWith('x'), decorators: true }, transform: { legacyDecorator: true }, target: 'es2021' },
    });
    const name = path.basename(source).replace(/tsx?$/, 'js');
    const { sourcesContent, ...rest } = JSON.parse(map);
    writeFileSync(path.join(out, name), `${code}\n//# sourceMappingURL=${name}.map\n`);
    writeFileSync(path.join(out, `${name}.map`), JSON.stringify(rest));
  }
}
