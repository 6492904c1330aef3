// heapmark: growing-collection leaked
export class PageEntry {
    readonly text: string[];

    constructor(url: string, count: number) {
        this.text = Array.from({ length: 20 }, (_, line) => `${url}-${count}-${line}`);
    }
}

export class PageCache {
    private readonly pages: Map<string, PageEntry> = new Map(); // heapmark: growing-collection holder
    private count = 0;

    lookup(url: string): PageEntry {
        const hit = this.pages.get(url);
        if (hit) {
            return hit;
        }
        const entry = new PageEntry(url, this.count++);
        this.pages.set(url, entry); // heapmark: growing-collection grows
        return entry;
    }
}
