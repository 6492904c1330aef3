// Remembers the headers of the newest eight images. Each is a piece of the whole image.
'use strict';

const MOST = 8;

const headers = new Map(); // heapmark: external-memory holder first information

function load(number) {
  const image = Buffer.alloc(4_000_000);
  image.write(`image ${number}`);
  return image;
}

function remember(name, image) {
  headers.set(name, image.subarray(0, 32));
  if (headers.size > MOST) headers.delete(headers.keys().next().value);
}

let images = 0;

/** Loads ten images. */
function round() {
  for (let i = 0; i < 10; i++) {
    images += 1;
    remember(`image-${images}`, load(images));
  }
  if (!headers.get(`image-${images}`).toString().startsWith(`image ${images}`)) throw new Error('a header is lost');
}

round();

module.exports = { round };
