import Extra, { Store, bus, counter, Foundation } from './classes';
import { Shapes, fast, Fast, Level as Severity } from './types';
import * as types from './types';
import util = require('node:util');
export * from './types';
export { Store as Shop } from './classes';

const cache = new Store('main');
let n = 0;

async function handle(url: string): Promise<string> {
  const page = await cache.load(url, 'x', "it's", 'tab\there');
  n += counter;
  return page.length > 0 ? page : types.fast(Fast.A);
}

const timers: ReturnType<typeof setTimeout>[] = [];
export function start(this: unknown, ms = 1_000): void {
  const state = { big: new Array<number>(50).fill(n), handle, ['computed' + n]: 1, 'quoted-key': 2, get live() { return n; } };
  timers.push(setInterval(() => {
    n += state.big.length;
    handle('u' + n).then((t) => bus.emit(t), (e) => { throw e; });
  }, ms));
  label: for (const [key, value] of Object.entries(state)) {
    if (typeof value === 'function') break label;
    do { n--; } while (n > 0);
    delete (state as any)[key];
  }
}
const later = function named(a: number) { return a > 1 ? named(a - 1) : new Extra('x') };
const nested = (a: number) => (b: number) => [a, b, ...[1, 2]].map((x) => x * a);
const regex = /a+b/g, re2 = new RegExp('x', 'u');
void (async () => { await import('./types'); later(2); nested(1)(2); regex.test('a'); console.log(Severity.Info, Shapes.circle(2).area(), util.inspect(re2), Foundation); })();
var self = this as any, args = () => arguments.length;
if (n > 5 && fast(2) !== 'c') { start(); } else { start.call(self, 5); args(); }
