export class Timing {
  constructor(
    readonly path: string,
    readonly millis: number,
  ) {}
}

class Timings {
  private readonly taken: Timing[] = []; // heapmark: growing-collection holder

  add(path: string, millis: number): void {
    this.taken.push(new Timing(path, millis));
  }
}

export const timings = new Timings();
