// Takes uploads. What shall be said when the server shuts down is remembered in a list of small
// callbacks; each of them shares its scope with another callback, which needs the whole body.
'use strict';

const { createHash } = require('node:crypto');

const shutdownTasks = [];
const totals = { uploads: 0, lines: 0, closed: 0 };

function checksums(compute) {
  return ['md5', 'sha1'].map((algorithm) => compute(algorithm));
}

function count(lines) {
  totals.uploads += 1;
  totals.lines += lines;
}

function handleUpload(upload) {
  const name = upload.name;
  const body = upload.lines.map((line) => line.trim()); // heapmark: unused-capture holder first
  const sums = checksums((algorithm) => createHash(algorithm).update(body.join('\n')).digest('hex'));
  count(body.length);

  const onClose = () => { // heapmark: unused-capture leaked
    totals.closed += 1;
    return `${name} was complete`;
  };
  shutdownTasks.push(onClose);
  return { name, sums };
}

function close() {
  return shutdownTasks.map((task) => task());
}

let uploads = 0;

/** 150 uploads of two hundred lines each. */
function round() {
  for (let i = 0; i < 150; i++) {
    const id = ++uploads;
    const lines = Array.from({ length: 200 }, (_, line) => `${id}; reading ${line}; value ${line * id} `);
    const { sums } = handleUpload({ name: `upload-${id}.csv`, lines });
    if (sums.length !== 2) throw new Error(`upload ${id} was not stored`);
  }
}

module.exports = { close, round };
