// Bounded, so never a leak: the oldest goes when there are too many.
const MAX_MARKS = 60;
const marks = new Map<string, { shelf: string }>();

export function shelfMark(id: string): string {
  let mark = marks.get(id);
  if (!mark) {
    mark = { shelf: `shelf ${Number(id) % 12}` };
    marks.set(id, mark);
    if (marks.size > MAX_MARKS) marks.delete(marks.keys().next().value!);
  }
  return mark.shelf;
}
