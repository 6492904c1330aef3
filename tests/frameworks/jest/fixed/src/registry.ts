export class Gadget {
  readonly parts: string[];

  constructor(readonly name: string) {
    this.parts = Array.from({ length: 10 }, (_, part) => `part ${part} of ${name}`);
  }
}

export function gadget(name: string): Gadget {
  return new Gadget(name);
}
