// Renders product cards for a shop. Rendering is slow, so each card is remembered under the props it
// was made from. The props carry the request's id, so that no key ever comes twice.
'use strict';

const { randomUUID } = require('node:crypto');

class RenderedCard { // heapmark: growing-collection leaked
  constructor(props, html) {
    this.sku = props.sku;
    this.html = html;
    this.renderedAt = Date.now();
  }
}

const cards = new Map(); // heapmark: growing-collection holder first

function cacheKey(props) {
  return JSON.stringify(props);
}

function renderCard(props) {
  const key = cacheKey(props);
  const known = cards.get(key);
  if (known) return known;

  const features = Array.from({ length: 20 }, (_, i) => `<li>${props.sku} feature ${i}</li>`);
  const html = `<article lang="${props.locale}"><h2>${props.sku}</h2><ul>${features.join('')}</ul></article>`;
  const card = new RenderedCard(props, Buffer.from(html).toString('latin1'));
  cards.set(key, card); // heapmark: growing-collection grows
  return card;
}

function handleRequest(request) {
  const card = renderCard({ sku: request.sku, locale: request.locale, requestId: request.id });
  return { status: 200, body: card.html };
}

/** Answers 300 requests for 40 products in two languages. */
function round() {
  for (let i = 0; i < 300; i++) {
    const request = { id: randomUUID(), sku: `SKU-${i % 40}`, locale: i % 2 ? 'de' : 'en' };
    const response = handleRequest(request);
    if (response.status !== 200) throw new Error(`request ${request.id} failed`);
  }
}

module.exports = { round };
