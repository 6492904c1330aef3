// Runs what users wrote: each text becomes a file that is required once. Node keeps all of them.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'scripts-of-users-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

let scripts = 0;

function run(text) {
  const file = path.join(folder, `script-${++scripts}.js`);
  fs.writeFileSync(file, text);
  return require(file).run(); // heapmark: module-reload grows first alone
}

/** Runs 200 scripts. */
function round() {
  for (let i = 0; i < 200; i++) {
    run('const steps = Array.from({ length: 40 }, (_, at) => ({ at }));\nexports.run = () => steps.length;\n');
  }
}

module.exports = { round };
