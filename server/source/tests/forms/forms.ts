// TypeScript as Node runs it: types become spaces, all other text keeps its place.
type Reply = { body: string };
function generic<T extends object>(value: T): T { return value; }
keep('generic', generic);
const typed = (value: number): number => value;
keep('typed', typed);
const wrapped = ((value: unknown) => value) as (value: unknown) => Reply;
keep('wrapped', wrapped);
const checked = { handler: async (reply: Reply) => reply } satisfies object;
keep('checked.handler', checked.handler);
abstract class Base<T> { abstract size(): number; protected held: T[] = []; }
keep('class Base', Base);
class Store extends Base<string> implements Iterable<string> {
  readonly made = <K,>(key: K): K => key;
  constructor(name: string);
  constructor(name?: string, private_?: number) { super(); }
  size(): number { return this.held.length; }
  add(value: string): void;
  add(value: unknown): void {}
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {}
  *[Symbol.iterator](): Generator<string> {}
}
keep('class Store', Store);
keep('Store.made', new Store('').made);
keep('Store.size', Store.prototype.size);
keep('Store.add', Store.prototype.add);
keep('Store.[Symbol.asyncIterator]', Store.prototype[Symbol.asyncIterator]);
const nonNull = (() => {})!;
keep('nonNull', nonNull);
