// What is to be said at the end is remembered in small callbacks that share a scope with a large one.
import { createHash } from 'node:crypto';

const farewells: Array<() => string> = []; // heapmark: growing-collection holder

export function digests(compute: (algorithm: string) => string): string[] {
  return ['md5', 'sha1'].map((algorithm) => compute(algorithm));
}

export function upload(file: { name: string; lines: string[] }): string[] {
  const { name } = file;
  const body: string[] = file.lines.map((line) => line.trim()); // heapmark: unused-capture holder
  const sums = digests((algorithm) => createHash(algorithm).update(body.join('\n')).digest('hex'));
  const onClose = (): string => { // heapmark: unused-capture leaked; growing-collection leaked
    return `${name} was complete`;
  };
  farewells.push(onClose); // heapmark: growing-collection grows
  return sums;
}

export function close(): string[] {
  return farewells.map((farewell) => farewell());
}
