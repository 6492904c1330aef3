// Chat sessions that are kept in a registry of their class, and beat for ever.
type Message = { readonly text: string; readonly at: number };

abstract class Registered {
  static readonly all: Registered[] = []; // heapmark: growing-collection holder

  protected register(): void {
    Registered.all.push(this); // heapmark: growing-collection grows
  }
}

export class ChatSession extends Registered { // heapmark: growing-collection leaked
  private history: Message[] = [];
  lastBeat = 0;

  async open(room: string): Promise<number> {
    this.register();
    await Promise.resolve();
    const beat = (): void => { // heapmark: uncleared-timers leaked
      this.lastBeat = Date.now();
    };
    setInterval(beat, 30_000).unref(); // heapmark: uncleared-timers grows
    for (let line = 0; line < 8; line++) this.say(`line ${line} in ${room}`);
    return this.history.length;
  }

  private say(text: string): void {
    this.history.push({ text: `${text} ${this.history.length}`, at: Date.now() });
  }
}
