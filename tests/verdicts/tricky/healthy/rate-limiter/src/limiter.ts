interface Options {
  windowMs: number;
  limit: number;
}

interface Bucket {
  ip: string;
  hits: number[];
  resetAt: number;
}

export class RateLimiter {
  private buckets = new Map<string, Bucket>();
  private lastSweep = Date.now();

  constructor(private readonly options: Options) {}

  hit(ip: string): boolean {
    this.maybeSweep();
    let b = this.buckets.get(ip);
    if (!b || b.resetAt < Date.now()) {
      b = { ip, hits: [], resetAt: Date.now() + this.options.windowMs };
      this.buckets.set(ip, b);
    }
    b.hits.push(Date.now());
    return b.hits.length <= this.options.limit;
  }

  private maybeSweep(): void {
    const now = Date.now();
    if (now - this.lastSweep < this.options.windowMs) return;
    this.lastSweep = now;
    for (const [ip, b] of this.buckets) if (b.resetAt < now) this.buckets.delete(ip);
  }
}
