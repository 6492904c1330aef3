import { EventEmitter } from 'node:events';

const bus = new EventEmitter(); // heapmark: growing-listeners holder
bus.setMaxListeners(0);

export class Responder {
    private readonly lines: string[] = [];
    private readonly url: string;

    constructor(url: string) {
        this.url = url;
    }

    attach(): void {
        bus.on('flush', () => this.onFlush()); // heapmark: growing-listeners leaked; growing-listeners grows
    }

    private onFlush(): void {
        this.lines.push(this.url);
    }
}
