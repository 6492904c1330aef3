export interface Book {
  title: string;
  pages: string[];
}

const loaded = new Map<string, Book>(); // heapmark: growing-collection holder

export async function bookOf(id: string): Promise<Book> {
  const known = loaded.get(id);
  if (known) return known;
  const pages = Array.from({ length: 25 }, (_, page) => `page ${page} of book ${id}`);
  const book = { title: `Book ${id}`, pages };
  loaded.set(id, book);
  return book;
}
