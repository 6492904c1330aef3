// Runs a test program round by round, as it is told on standard input:
//
//     node --inspect=127.0.0.1:0 harness.mjs PROGRAM
//
// PROGRAM is the module that exports `round()`. The harness prints `ready`, then answers each line:
// `round` runs one round of work, waits for it and prints `done`; `exit` ends the process.
// It keeps nothing between rounds, so that whatever grows is the program's.
import path from 'node:path';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const program = await import(pathToFileURL(path.resolve(process.argv[2])));
const round = program.round ?? program.default.round;

process.stdout.write('ready\n');
for await (const command of readline.createInterface({ input: process.stdin })) {
  if (command === 'exit') break;
  if (command !== 'round') throw new Error(`unknown command: ${command}`);
  await round();
  process.stdout.write('done\n');
}
process.exit(0);
