import { createServer } from 'node:http';
import { EventEmitter } from 'node:events';
import { Store } from './classes';
import { limit } from './types';

const cache = new Store('pages');
let n = 0;

export const bus = new EventEmitter();
bus.setMaxListeners(0);

export class Responder {
  private readonly buffer: string[] = [];
  constructor(private readonly url: string) {}

  attach(): void {
    bus.on('flush', () => this.onFlush());
  }

  private onFlush(): void {
    this.buffer.push(this.url);
  }
}

async function handle(url: string): Promise<string> {
  const page = await cache.load(url);
  new Responder(url).attach();
  const state = { big: new Array<number>(50).fill(n), url };
  setInterval(() => {
    n += state.big.length;
  }, 60_000);
  return page + limit;
}

const server = createServer((request, response) => {
  const url = `${request.url ?? '/'}?${n++}`;
  handle(url).then((text) => response.end(text), (error) => { response.statusCode = 500; response.end(String(error)); });
});

server.listen(0, () => {
  console.log('ready');
});
