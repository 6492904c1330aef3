export class Gadget {
  readonly parts: string[];

  constructor(readonly name: string) {
    this.parts = Array.from({ length: 10 }, (_, part) => `part ${part} of ${name}`);
  }
}

const gadgets = new Map<string, Gadget>(); // heapmark: growing-collection holder

export function gadget(name: string): Gadget {
  const known = gadgets.get(name) ?? new Gadget(name);
  gadgets.set(name, known);
  return known;
}
