const farewells: Array<() => string> = []; // heapmark: growing-collection holder

export function leave(name: string): void {
    const body = Array.from({ length: 200 }, (_, line) => `${name} left line ${line}`); // heapmark: unused-capture holder
    const sum = (): number => body.length;
    if (sum() === 0) throw new Error('empty');
    farewells.push(() => `${name} is gone`); // heapmark: unused-capture leaked; growing-collection leaked; growing-collection grows
}
