// What memlab finds in three snapshots, as JSON on the last line: the trace of each of its leaks, the
// first first, every step as memlab prints it.
//
//     NODE_PATH=… node memlab.cjs default|all BASELINE TARGET FINAL
//
// `default` is its own detector. `all` is its option --trace-all-objects, in which it shows a trace to
// each kind of object that is new in the target and still alive in the end.
'use strict';

const { config } = require('@memlab/core');
const { findLeaksBySnapshotFilePaths } = require('@memlab/api');

const [mode, baseline, target, final] = process.argv.slice(2);
if (mode === 'all') {
  config.oversizeObjectAsLeak = true;
  config.oversizeThreshold = 0;
}
findLeaksBySnapshotFilePaths(baseline, target, final, { consoleMode: 'SILENT' }).then((leaks) => {
  process.stdout.write(`\n${JSON.stringify({ traces: leaks.map((leak) => Object.keys(leak)) })}\n`);
  process.exit(0);
});
