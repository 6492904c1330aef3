import { Poller, changed, stocktake } from './callbacks.ts';
import { render } from './pages.ts';
import { Watch, announce } from './prices.ts';
import { ChatSession } from './sessions.ts';
import { close, digests, upload } from './uploads.ts';

let served = 0;

/** 150 visitors look at a page, follow a price, chat, leave a file, and look along a shelf. */
export async function round(): Promise<void> {
  for (let i = 0; i < 150; i++) {
    const visitor = ++served;
    render({ path: `/shelf/${i % 7}`, visitor });
    new Watch(new Set(['ACME', `S${i % 10}`])).follow();
    if (i % 50 === 0) announce('ACME', 100 + i);
    await new ChatSession().open(`room ${i % 4}`);
    const lines = Array.from({ length: 120 }, (_, line) => `${visitor}; reading ${line}; ${line * visitor} `);
    if (upload({ name: `file-${visitor}.csv`, lines }).length !== 2) throw new Error('lost');
    stocktake(i % 9);
    new Poller(`shelf ${i % 9}`);
    if (digests((algorithm) => `${algorithm} of ${visitor}`).length !== 2) throw new Error('lost');
  }
}

export { changed, close };
