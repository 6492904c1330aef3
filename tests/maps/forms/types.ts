export interface Req { url: string; headers: Record<string, unknown> }
export enum Level { Debug, Info = 5, Warn = 'warn'.length, Error }
export const enum Fast { A = 1, B = 2 }
export const limit = 1e3 ** 2;
export type Handler = (r: Req) => void;
declare global { var shared: string }
export namespace Shapes {
  export const all: Circle[] = [];
  const hidden = new Map<number, Circle>();
  export class Circle {
    constructor(readonly radius: number) { all.push(this); hidden.set(radius, this); }
    area(): number { return Math.PI * this.radius ** 2; }
  }
  export function circle(radius: number): Circle { return new Circle(radius); }
  export namespace Inner { export let last = all.length; export const get = () => last + all.length; }
}
export function fast(x: Fast): string {
  switch (x) {
    case Fast.A: return 'a';
    case Fast.B: { let y = 'b'; return y; }
    default: throw new Error(`bad ${x}`);
  }
}
