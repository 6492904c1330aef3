export interface Book {
  title: string;
  pages: string[];
}

const MAX_LOADED = 50;
const loaded = new Map<string, Book>();

export async function bookOf(id: string): Promise<Book> {
  const known = loaded.get(id);
  if (known) return known;
  const pages = Array.from({ length: 25 }, (_, page) => `page ${page} of book ${id}`);
  const book = { title: `Book ${id}`, pages };
  loaded.set(id, book);
  if (loaded.size > MAX_LOADED) loaded.delete(loaded.keys().next().value!);
  return book;
}
