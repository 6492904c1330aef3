// Bounded: the tiles of a grid of 64 by 64, each made when it is first needed.
'use strict';

class Tile {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    this.heights = new Array(64).fill(x / 3 + y);
  }
}

const SIZE = 64;
const grid = [];

function tile(x, y) {
  const row = (grid[y] ??= []);
  return (row[x] ??= new Tile(x, y));
}

let k = 0;
exports.work = async (n) => {
  for (let i = 0; i < n; i++, k++) tile((k * 7) % SIZE, Math.floor(k / SIZE) % SIZE);
};
