export class Poller {
    private ticks = 0;

    start(name: string): void {
        const state = { big: new Array<number>(50).fill(this.ticks), name };
        setInterval(() => { this.ticks += state.big.length; }, 60_000).unref(); // heapmark: uncleared-timers leaked; uncleared-timers grows
    }
}
