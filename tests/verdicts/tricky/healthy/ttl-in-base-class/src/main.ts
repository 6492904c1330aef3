// Bounded: entries live five minutes, by an abstract class that the owner prunes by a timer (TypeScript).
import { Expiring } from './cache';

class Quotes extends Expiring<string, number[]> {
  protected lifetime(): number {
    return 5 * 60 * 1000;
  }
}

const quotes = new Quotes();
setInterval(() => quotes.prune(), 30_000).unref();

let k = 0;
export async function work(n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    const key = `SYM${++k}`;
    if (!quotes.read(key))
      quotes.write(
        key,
        Array.from({ length: 30 }, (_, j) => j / 3 + k),
      );
  }
}
