// Remembers the titles of the newest hundred pages. A title is a slice of its page: V8 keeps the whole
// page for it.
'use strict';

const MOST = 100;

const titles = new Map(); // heapmark: sliced-string-parent holder first information

function page(number) {
  const text = `<title>All that is known of subject number ${number}</title>\n`;
  return Buffer.from(text + `<p>Paragraph of page ${number}</p>\n`.repeat(1500)).toString('latin1');
}

function remember(url, html) {
  const title = html.slice(html.indexOf('<title>') + 7, html.indexOf('</title>'));
  titles.set(url, title); // heapmark: sliced-string-parent grows information
  if (titles.size > MOST) titles.delete(titles.keys().next().value);
}

let pages = 0;

/** Visits 150 pages. */
function round() {
  for (let i = 0; i < 150; i++) {
    pages += 1;
    remember(`/pages/${pages}`, page(pages));
  }
  if (titles.size !== MOST) throw new Error('a title is lost');
}

round();

module.exports = { round };
