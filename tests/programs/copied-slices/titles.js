// heapmark: nothing, not even sliced-string-parent
// Remembers the titles of the newest hundred pages, as `sliced-strings` does, but copies each title.
'use strict';

const MOST = 100;

const titles = new Map();

function page(number) {
  const text = `<title>All that is known of subject number ${number}</title>\n`;
  return Buffer.from(text + `<p>Paragraph of page ${number}</p>\n`.repeat(1500)).toString('latin1');
}

/** A text of its own, that keeps nothing else. */
function copy(text) {
  return Buffer.from(text).toString();
}

function remember(url, html) {
  const title = html.slice(html.indexOf('<title>') + 7, html.indexOf('</title>'));
  titles.set(url, copy(title));
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
