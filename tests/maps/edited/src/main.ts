import { Responder } from './bus.ts';
import { PageCache } from './cache.ts';
import { remember, size } from './history.ts';
import { Poller } from './poll.ts';
import { leave } from './leave.ts';

const cache = new PageCache(); // heapmark: growing-collection holder
let served = 0;

export async function round(): Promise<void> {
    for (let i = 0; i < 150; i++) {
        const url = `/shelf/${++served}`;
        cache.lookup(url);
        new Responder(url).attach();
        remember(url);
        new Poller().start(url);
        leave(url);
    }
    if (size() < 0) throw new Error('lost');
}
