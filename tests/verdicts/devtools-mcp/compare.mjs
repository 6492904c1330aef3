// Asks chrome-devtools-mcp what came between the snapshots of each series, as an agent would ask it first:
//
//     node compare.mjs FOLDER < [{ "older": …, "newer": …, "class": … }]
//
// Prints for each the row of its table in which the class that leaks stands, from 1 (null if it does not), and how
// many characters the answer has. FOLDER has all snapshots. The server starts a browser, though it looks at files:
// CHROMIUM names one.

import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { pathToFileURL } from 'node:url';

const server = createRequire(import.meta.url).resolve('chrome-devtools-mcp/package.json');
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [
    new URL('build/src/bin/chrome-devtools-mcp.js', pathToFileURL(server)).pathname,
    ...['--headless', '--memoryDebugging', '--no-usage-statistics', '--chromeArg=--no-sandbox'],
    ...['--executablePath', process.env.CHROMIUM ?? '/usr/bin/chromium'],
  ],
  stderr: 'ignore',
});
const client = new Client({ name: 'heapmark-verdicts', version: '1.0.0' }, { capabilities: { roots: {} } });
const root = { uri: pathToFileURL(process.argv[2]).href, name: 'snapshots' };
client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [root] }));
await client.connect(transport);

/** All rows of the comparison, in its order: by the bytes that came. */
async function ask({ older, newer, class: sought }) {
  const asked = { baseFilePath: older, currentFilePath: newer };
  const answer = await client.callTool({ name: 'compare_heapsnapshots', arguments: asked });
  const said = answer.content.map((part) => part.text ?? '').join('\n');
  if (!said.includes('className')) throw new Error(`no comparison of ${newer}: ${said.slice(0, 300)}`);
  const classes = [...said.matchAll(/^\d+,(.*?),\d+,\d+,-?\d+,/gm)].map(([, name]) => name);
  const row = classes.indexOf(sought);
  for (const filePath of [older, newer]) await client.callTool({ name: 'close_heapsnapshot', arguments: { filePath } });
  return { row: row < 0 ? null : row + 1, characters: said.length };
}

const answers = [];
for (const series of JSON.parse(await text(process.stdin))) answers.push(await ask(series));
console.log(JSON.stringify(answers));
await client.close();
