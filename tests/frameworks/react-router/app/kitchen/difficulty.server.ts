// Bounded, so never a leak: the oldest goes when there are too many.
const MAX_KNOWN = 64;
const known = new Map<string, { word: string }>();

export function difficulty(id: string): string {
  let found = known.get(id);
  if (!found) {
    found = { word: Number(id) % 3 === 0 ? 'hard' : 'easy' };
    known.set(id, found);
    if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
  }
  return found.word;
}
