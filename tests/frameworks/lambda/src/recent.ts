// Bounded, so never a leak.
const MAX_RECENT = 64;
const recent: { path: string; at: number }[] = [];

export function remember(path: string): number {
  recent.push({ path, at: performance.now() });
  while (recent.length > MAX_RECENT) recent.shift();
  return recent.length;
}
