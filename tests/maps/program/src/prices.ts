// Prices that change are announced on one bus. Whoever follows them never stops.
import { EventEmitter } from 'node:events';

interface Quote { symbol: string; price: number }

const bus: EventEmitter = new EventEmitter(); // heapmark: growing-listeners holder
bus.setMaxListeners(0);

export function announce(symbol: string, price: number): void {
  bus.emit('price', { symbol, price } satisfies Quote);
}

export class Watch<S extends string = string> {
  #changes = 0;
  private readonly last: number[] = new Array<number>(32).fill(0);

  constructor(private readonly symbols: ReadonlySet<S>) {}

  follow(): this {
    const onPrice = (quote: Quote): void => { // heapmark: growing-listeners leaked
      if (!this.symbols.has(quote.symbol as S)) return;
      this.last[this.#changes++ % this.last.length] = quote.price;
    };
    bus.on('price', onPrice); // heapmark: growing-listeners grows
    return this;
  }

  get changes(): number {
    return this.#changes;
  }
}
