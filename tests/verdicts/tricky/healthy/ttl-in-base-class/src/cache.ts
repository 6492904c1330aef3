type Timed<V> = { readonly value: V; readonly staleAt: number };

export abstract class Expiring<K, V> {
  protected readonly slots = new Map<K, Timed<V>>();
  protected abstract lifetime(): number;

  read(key: K): V | undefined {
    const slot = this.slots.get(key);
    if (slot === undefined) return undefined;
    if (slot.staleAt > performance.now()) return slot.value;
    this.slots.delete(key);
    return undefined;
  }

  write(key: K, value: V): void {
    this.slots.set(key, { value, staleAt: performance.now() + this.lifetime() });
  }

  prune(): number {
    let pruned = 0;
    const now = performance.now();
    this.slots.forEach((slot, key) => {
      if (slot.staleAt <= now) {
        this.slots.delete(key);
        pruned++;
      }
    });
    return pruned;
  }
}
