import { bookOf } from '../../lib/books';
import { shelfMark } from '../../lib/marks';
import { announceTo } from '../../lib/readers';

export const dynamic = 'force-dynamic';

export default async function BookPage({ searchParams }: { searchParams: Promise<{ id: string }> }) {
  const { id } = await searchParams;
  const book = await bookOf(id);
  const heard = announceTo({ path: `/books?id=${id}`, since: performance.now() });
  return (
    <main>
      <h1>{book.title}</h1>
      <p>{book.pages.length} pages on {shelfMark(id)}</p>
      <p>{heard()} announcements</p>
    </main>
  );
}
