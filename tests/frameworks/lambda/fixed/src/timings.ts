export class Timing {
  constructor(
    readonly path: string,
    readonly millis: number,
  ) {}
}

class Timings {
  private slowest = new Timing('', 0);

  add(path: string, millis: number): void {
    if (millis > this.slowest.millis) this.slowest = new Timing(path, millis);
  }
}

export const timings = new Timings();
