let visits = 0;

export function visit(_recipe: string, _url: string): number {
  visits += 1;
  return visits;
}
