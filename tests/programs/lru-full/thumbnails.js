// heapmark: nothing
// Thumbnails of the pictures seen last. The cache is filled at the start and stays as large as it is.
'use strict';

const { LruCache } = require('./lru.js');

class Thumbnail {
  constructor(picture, width) {
    this.picture = picture;
    this.width = width;
    this.pixels = Array.from({ length: 64 }, (_, i) => (picture * 31 + i) % 255);
  }
}

const MAXIMUM = 400;
const thumbnails = new LruCache(MAXIMUM);

function thumbnail(picture, width = 120) {
  const key = `${picture}@${width}`;
  let found = thumbnails.get(key);
  if (!found) {
    found = new Thumbnail(picture, width);
    thumbnails.set(key, found);
  }
  return found;
}

let newest = 0;
while (thumbnails.size < MAXIMUM) thumbnail(newest++);

/** 300 new pictures are looked at, each of them twice, and some old ones. */
function round() {
  for (let i = 0; i < 300; i++) {
    const picture = newest++;
    thumbnail(picture);
    thumbnail(picture);
    thumbnail(picture - 100);
  }
  if (thumbnails.size !== MAXIMUM) throw new Error(`the cache holds ${thumbnails.size} thumbnails`);
}

module.exports = { round };
