// Leaks: sessions end when users log out, which most never do (TypeScript, an object as the store).
import { SessionStore } from './sessions';
import { randomBytes } from 'node:crypto';

const store = new SessionStore();

async function visit(user: string, leaves: boolean): Promise<void> {
  const id = randomBytes(12).toString('hex');
  const s = store.open(id, user);
  for (let i = 0; i < 10; i++) s.cart.push(`item ${i} of ${user}`);
  store.touch(id);
  if (leaves) store.logout(id);
}

let n0 = 0;
export async function work(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await visit('user' + ++n0, i % 8 === 0);
}
