// Notes of each upload by which bytes it begins, for the newest two thousand. Each piece keeps its upload.
'use strict';

const MOST = 2_000;

const beginnings = []; // heapmark: external-memory holder

function beginningOf(upload) {
  return upload.subarray(0, 8); // heapmark: external-memory grows first
}

function note(name, upload) {
  beginnings.push({ name, bytes: beginningOf(upload) });
  if (beginnings.length > MOST) beginnings.shift();
}

let uploads = 0;

/** 60 uploads of 32 kB. */
function round() {
  for (let i = 0; i < 60; i++) note(`upload ${++uploads}`, Buffer.alloc(32_768, uploads));
}

module.exports = { round };
