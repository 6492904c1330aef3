// heapmark: nothing
// Mails. Each template is compiled when it is first used; in every round a few more of them are.
'use strict';

const SOURCES = Array.from({ length: 90 }, (_, i) => `Dear {name}, this is letter ${i} about {topic}.`);
const compiled = {};

function compile(source) {
  const parts = source.split(/\{(\w+)\}/);
  return (values) => parts.map((part, i) => (i % 2 ? values[part] : part)).join('');
}

function render(number, values) {
  compiled[`letter-${number}`] ??= compile(SOURCES[number]);
  return compiled[`letter-${number}`](values);
}

/** Five hundred mails. */
function round() {
  for (let i = 0; i < 500; i++) {
    const text = render(i % SOURCES.length, { name: `user ${i}`, topic: 'prices' });
    if (!text.includes(`user ${i}`)) throw new Error('the name is missing');
  }
}

module.exports = { round };
