// The articles of the site. A real site has a database for them.
'use strict';

const TOPICS = ['Gardens', 'Bridges', 'Clocks', 'Maps', 'Kites', 'Tea'];

class Article {
  constructor(number) {
    this.number = number;
    this.title = `${TOPICS[number % TOPICS.length]}, part ${Math.ceil(number / TOPICS.length)}`;
    this.paragraphs = Array.from({ length: 12 }, (_, i) => `${this.title}: paragraph ${i + 1}. `.repeat(6).trim());
  }
}

const articles = new Map();
for (let number = 1; number <= 60; number++) articles.set(number, new Article(number));

function findArticle(number) {
  return articles.get(number);
}

module.exports = { findArticle };
