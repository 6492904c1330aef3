// Bounded, so never a leak: the oldest goes when there are too many.
const MAX_WINDOWS = 80;
const windows = new Map<string, { count: number }>();

export function mayAsk(id: string): boolean {
  let window = windows.get(id);
  if (!window) {
    if (windows.size >= MAX_WINDOWS) windows.delete(windows.keys().next().value!);
    window = { count: 0 };
    windows.set(id, window);
  }
  window.count += 1;
  return window.count < 1000;
}
