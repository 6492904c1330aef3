// Rendered pages are remembered under a key that never comes twice.
import { createHash } from 'node:crypto';

export interface Request {
  readonly path: string;
  readonly visitor: number;
}

type Key = `${string}#${number}`;

/** What is remembered of one page. */
class RenderedPage { // heapmark: growing-collection leaked
  readonly lines: string[] = [];
  etag?: string;

  constructor(
    readonly path: string,
    protected readonly lang: 'de' | 'en',
  ) {}

  add<T extends { toString(): string }>(line: T): void {
    this.lines.push(`${this.lang}: ${line.toString()}`);
  }
}

const rendered: Map<Key, RenderedPage> = new Map<Key, RenderedPage>(); // heapmark: growing-collection holder

export function render(request: Request): RenderedPage {
  const key: Key = `${request.path}#${request.visitor}`;
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const page = new RenderedPage(request.path, request.visitor % 2 ? 'de' : 'en');
  for (let line = 0; line < 20; line++) page.add(`${request.path} line ${line} for ${request.visitor}`);
  page.etag = createHash('sha256').update(page.lines.join('\n')).digest('hex');
  rendered.set(key, page); // heapmark: growing-collection grows
  return page;
}
