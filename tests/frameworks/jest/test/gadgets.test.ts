import { gadget } from '../src/registry';
import { enter } from '../src/room';

beforeAll(() => {
  process.stderr.write('at work\n');
});

// Long enough to be captured while it goes on; the runner ends it.
for (let round = 0; round < 6000; round++) {
  it(`makes gadget ${round}`, async () => {
    await new Promise((resolve) => setTimeout(resolve, 15));
    const name = `gadget-${round}`;
    expect(gadget(name).name).toBe(name);
    const visitor = enter(name);
    expect(visitor.heard).toEqual([]);
    visitor.leave();
  });
}
