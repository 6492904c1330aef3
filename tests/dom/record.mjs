// Records snapshots/*.heapsnapshot.zst again: the page in `page` in a real Chromium, before and after two
// rounds of work.
//
//     node record.mjs
//
// Chromium is the one that the variable CHROMIUM names, else `chromium` on the PATH. `zstd` packs the files. The page is served on
// a fixed port, because its address stands in the snapshots.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const PORT = 8127;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

const server = createServer(async (request, response) => {
  const name = request.url === '/' ? 'index.html' : path.basename(request.url);
  const text = await readFile(path.join(here, 'page', name)).catch(() => null);
  response.writeHead(text ? 200 : 404, { 'content-type': TYPES[path.extname(name)] ?? 'text/plain' });
  response.end(text);
});
await new Promise((resolve) => { server.listen(PORT, '127.0.0.1', resolve); });

const profile = await mkdtemp(path.join(os.tmpdir(), 'heapmark-dom-'));
const chromium = spawn(
  process.env.CHROMIUM || 'chromium',
  ['--headless', '--no-sandbox', '--disable-extensions', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
);

// The protocol over the pipe: JSON, each message ended by a zero byte.
const waiting = new Map();
const listeners = [];
let heard = '';
chromium.stdio[4].setEncoding('utf8').on('data', (chunk) => {
  heard += chunk;
  const messages = heard.split('\0');
  heard = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    const { resolve, reject } = waiting.get(message.id) ?? {};
    if (message.error) reject?.(new Error(message.error.message));
    else resolve?.(message.result);
    for (const listener of listeners) listener(message);
  }
});
let ids = 0;
let sessionId;
const send = (method, params = {}) => new Promise((resolve, reject) => {
  waiting.set(++ids, { resolve, reject });
  chromium.stdio[3].write(`${JSON.stringify({ id: ids, method, params, sessionId })}\0`);
});
const evaluate = async (expression) => {
  const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.text);
  return result.value;
};

const { targetId } = await send('Target.createTarget', { url: `http://localhost:${PORT}/` });
({ sessionId } = await send('Target.attachToTarget', { targetId, flatten: true }));
for (let tries = 0; (await evaluate('typeof round')) !== 'function'; tries++) {
  if (tries > 100) throw new Error('the page does not load');
  await new Promise((resolve) => { setTimeout(resolve, 50); });
}
let chunks = [];
listeners.push(({ method, params }) => {
  if (method === 'HeapProfiler.addHeapSnapshotChunk') chunks.push(params.chunk);
});
await send('HeapProfiler.enable');
for (const [rounds, name] of [[0, 'baseline'], [2, 'final']]) {
  for (let i = 0; i < rounds; i++) await evaluate('round()');
  await send('HeapProfiler.collectGarbage');
  chunks = [];
  await send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  const plain = path.join(profile, name);
  await writeFile(plain, chunks.join(''));
  const packed = path.join(here, 'snapshots', `${name}.heapsnapshot.zst`);
  execFileSync('zstd', ['-q', '-f', '-19', plain, '-o', packed]);
}
chromium.kill();
await new Promise((resolve) => { chromium.on('exit', resolve); });
server.close();
await rm(profile, { recursive: true, force: true });
