interface Visit { url: string; at: Date; header: Record<string, string> }

const history: Visit[] = []; // heapmark: growing-collection holder

export function remember(url: string): void {
    history.push({ url, at: new Date(), header: { host: url } }); // heapmark: growing-collection grows
}

export function size(): number {
    return history.length;
}
