// Bounded: a burst of jobs waits in a package's queue until it is worked off.
import PQueue from 'p-queue';

const q = new PQueue({ concurrency: 3 });

let k = 0;
let done = 0;
export async function work(n) {
  for (let i = 0; i < n; i++) {
    const job = { id: ++k, rows: Array.from({ length: 12 }, (_, j) => 'r' + j + k) };
    q.add(async () => {
      await new Promise((r) => setTimeout(r, 40));
      done += job.rows.length;
    });
  }
  await new Promise((r) => setTimeout(r, 200));
}
