// memlab's engine: parses a snapshot and computes dominators and retained sizes.
//
//     node --max-old-space-size=16000 memlab.cjs FILE.heapsnapshot
'use strict';

const { getFullHeapFromFile } = require('@memlab/heap-analysis');

getFullHeapFromFile(process.argv[2]).then((heap) => {
  let largest = 0;
  heap.nodes.forEach((node) => {
    if (node.retainedSize > largest) largest = node.retainedSize;
  });
  console.log(`${heap.nodes.length} nodes, the largest retains ${largest}`);
  process.exit(0);
});
