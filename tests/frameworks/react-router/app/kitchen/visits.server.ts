interface Visit {
  recipe: string;
  url: string;
  at: number;
}

const visits: Visit[] = []; // heapmark: growing-collection holder

export function visit(recipe: string, url: string): number {
  visits.push({ recipe, url, at: performance.now() });
  return visits.length;
}
