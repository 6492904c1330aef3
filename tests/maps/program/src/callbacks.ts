// Callbacks without a name, each inside the function that hands it over.
import { EventEmitter } from 'node:events';

const shelves: EventEmitter = new EventEmitter(); // heapmark: growing-listeners holder
shelves.setMaxListeners(0);

const labels: Array<() => string> = []; // heapmark: growing-collection holder

export function stocktake(shelf: number): void {
  const seen = { shelf, names: [`shelf ${shelf}`] };
  labels.push(() => `shelf ${seen.shelf}`); // heapmark: growing-collection leaked; growing-collection grows
  // Who changes the shelves is not asked.
  shelves.on('changed', () => { // heapmark: growing-listeners leaked; growing-listeners grows
    seen.names[0] = `shelf ${shelf}, changed`;
  });
}

export class Poller {
  rounds = 0;

  constructor(readonly target: string) {
    setInterval(() => this.poll(), 3_600_000).unref(); // heapmark: uncleared-timers leaked; uncleared-timers grows
  }

  private poll(): void {
    this.rounds++;
  }
}

export function changed(): number {
  shelves.emit('changed');
  return labels.length;
}
