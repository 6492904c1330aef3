import { EventEmitter } from 'node:events';
import fs, { readFileSync as read } from 'node:fs';
import * as path from 'node:path';
import type { Req } from './types';
import { Level, limit } from './types';

function logged(value: unknown, context?: unknown): any { return value; }
function injectable(target: any): any { return target; }
function field(target: any, key?: any): void {}

export const bus = new EventEmitter();
bus.setMaxListeners(0);
export let counter = 0, step = 0x10, ratio = 1_000.5, big = `no ${'sub'} here`, plain = `plain`;

abstract class Base<T> {
  static readonly all = new Map<string, unknown>();
  protected items: T[] = [];
  abstract name(): string;
  constructor(protected readonly key: string, public size = 10) {
    Base.all.set(key, this);
  }
  get first(): T | undefined { return this.items[0]; }
  set first(value: T) { this.items.unshift(value); }
}

@injectable
export class Store extends Base<Req> {
  #secret = 'shh';
  static #count = 0;
  @field level: Level = Level.Info;
  declare ghost: string;
  private readonly listeners = new Set<() => void>();

  constructor(key: string, private options: { deep?: { value: number } } = {}) {
    super(key, 20);
    this.listeners.add(() => this.flush());
  }
  @logged
  name(): string { return this.#secret + Store.#count; }
  async load(name: string, ...rest: string[]): Promise<string> {
    const text = await this.read(name);
    for (const line of text.split('\n')) {
      if (line.length > limit) continue;
      this.items.push({ url: line, headers: { ...this.options, name } } as Req);
    }
    for await (const item of this.each()) console.log(item, rest);
    const { deep: { value } = { value: 1 }, ...others } = this.options;
    const [one, , two = 3] = rest;
    return `${text}-${value}-${one ?? two}:${others} end`;
  }
  private async read(name: string): Promise<string> {
    try {
      return read(path.join('/tmp', name), 'utf8');
    } catch {
      return fs.readFileSync(name).toString();
    } finally {
      counter++;
    }
  }
  async *each(): AsyncGenerator<Req> { yield* this.items; }
  *walk() { for (let i = 0; i < 3; i++) { yield () => i; } }
  flush = (): void => {
    bus.emit('flush', this.options?.deep?.value ?? 7, limit);
    this.listeners.forEach((listener) => listener());
  };
  private static make(this: void, key: string): Store { return new Store(key); }
  static of(key: string) { return Store.make(key); }
  method<T extends Req>(this: Store, a: T, b?: number): asserts a is T { a!.url.trim(); (<any>b)?.toFixed?.(2); }
}
export default class extends Store { extra = 1 }
export { Base as Foundation };
class Block { static made = 0; static { this.made += 1; Block.made++; } get x() { return Block.made; } }
new Block().x;
