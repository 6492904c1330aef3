// Classes in TypeScript that Node.js runs as it is: it blanks the types, and all else stays in its place.
const kept: unknown[] = [];
const keep = (...things: unknown[]): number => kept.push(...things);
type Key = string | number;
interface Made { inner?: new () => object }

class Private { private readonly items: Map<Key, Private> = new Map<Key, Private>(); put(key: Key): void { this.items.set(key, this); } }
class Readonly {
  readonly items: Key[] = [];
  put<T>(it: T): T { return it; }
}
class Public { public static readonly all = new Map<Key, () => Public>(); declare gone: number; protected items?: Key[]; put(): void { Public.all.set(1, (): this => this); } }
class Static { private static of = (): typeof Static => Static; #z!: number; put(): number | undefined { return this.#z; } }
class Declared { declare gone: number; declare static all: Key[]; private is: boolean = true; put(): boolean { return this.is; } }
class Block { private static readonly items: Key[]; static { const held: Key[] = []; Object.assign(this, { of: (): Key[] => held }); } put(): number { return 1; } }
abstract class Abstract { abstract go(): void; protected abstract size: number; items: unknown[] = []; put(it: unknown): void { this.items.push(it); } }
class OfAbstract extends Abstract { override size = 1; override go(): void {} protected override items: unknown[] = []; }
class Overloaded {
  [key: string]: unknown;
  private items = new Map<string, number>();
  put(it: string): void;
  put(it: number): void;
  put(it: unknown): void { this.items.set(String(it), 1); }
}
class Arrows { onTick = async <T,>(event: T): Promise<T> => event; one = (it: Key): Key => it; put(): number { return 1; } }
class Generic<K extends Key, V = unknown> extends Map<K, V> implements Iterable<[K, V]> { private readonly max: number; constructor(max: number) { super(); this.max = max; } override set(key: K, value: V): this { return this.size < this.max ? super.set(key, value) : this; } }
class Outer { private readonly inner = class Inner<T> { private x: T | undefined; put(): T | undefined { return this.x; } }; put(): number { return 1; } }
const Assigned = class<T> { private readonly items: T[] = []; put(it: T): void { this.items.push(it); } };
const make = <T,>() => class { private readonly items: T[] = []; get size(): number { return this.items.length; } };
function Old(this: { items: Key[] }, first: Key): void { this.items = [first]; }
Old.prototype.put = function (this: { items: Key[] }, it: Key): void { this.items.push(it); };

for (const Class of [
  Private, Readonly, Public, Static, Declared, Block, OfAbstract, Overloaded, Arrows, Generic, Outer, Assigned, make<Key>(), Old,
] as unknown[]) {
  const instance = new (Class as new (max: number) => Made)(3);
  keep(Class, instance);
  if (instance.inner) keep(new instance.inner());
}
export { Abstract, kept };
