// Leaks: the limit of a cache comes from the environment, where it is not set, and is then infinite.
'use strict';

const { Lru } = require('./lru');
const { maxPages } = require('./config');

const pages = new Lru({ max: maxPages }); // heapmark: holder

let u = 0;

function render(url) {
  let page = pages.get(url);
  if (!page) {
    page = { url, blocks: Array.from({ length: 20 }, (_, i) => 'block ' + i + ' of ' + url) };
    pages.put(url, page); // heapmark: grows
  }
  return page;
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) {
    render('/a/' + ++u);
    render('/a/' + u);
  }
};
