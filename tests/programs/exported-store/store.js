// What has been measured so far. Other modules read it and add to it.

export const readingsByDevice = new Map(); // heapmark: growing-collection holder first

export class Reading { // heapmark: growing-collection leaked
  constructor(device, value) {
    this.device = device;
    this.value = value;
    this.note = `${device} measured ${value}`;
  }
}

export function remember(reading) {
  readingsByDevice.set(`${reading.device}/${readingsByDevice.size}`, reading); // heapmark: growing-collection grows
}

export function latest(device) {
  return readingsByDevice.get(`${device}/${readingsByDevice.size - 1}`);
}
