// Renders articles as pages, and remembers them: rendering is slow, and many people read the same.
'use strict';

class RenderedPage { // heapmark: growing-collection leaked
  constructor(url, html) {
    this.url = url;
    this.html = html;
    this.renderedAt = Date.now();
  }
}

const renderedPages = new Map(); // heapmark: growing-collection holder first

function render(article, user) {
  const body = article.paragraphs.map((text) => `    <p>${text}</p>`);
  return [
    '<!doctype html>',
    `<title>${article.title}</title>`,
    `<header>Welcome, ${escapeHtml(user)}</header>`,
    '<main>',
    `    <h1>${article.title}</h1>`,
    ...body,
    '</main>',
  ].join('\n');
}

function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function pageFor(url, article, user) {
  let page = renderedPages.get(url);
  if (!page) {
    page = new RenderedPage(url, render(article, user));
    renderedPages.set(url, page); // heapmark: growing-collection grows
  }
  return page;
}

function pageStatistics() {
  return { pages: renderedPages.size };
}

module.exports = { pageFor, pageStatistics };
