// Bounded: a bucket for each address, swept once a quarter of an hour (TypeScript).
import { RateLimiter } from './limiter';

const limiter = new RateLimiter({ windowMs: 15 * 60_000, limit: 100 });

let ip = 0;
export async function work(n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    ip++;
    const a = `10.${ip >> 16}.${(ip >> 8) & 255}.${ip & 255}`;
    limiter.hit(a);
    limiter.hit(a);
  }
}
