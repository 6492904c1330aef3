'use strict';

const registry = Object.create(null);

function counter(name, help) {
  registry[name] = { help, values: {} }; // heapmark: holder
  return registry[name];
}

function inc(metric, labels) {
  const key = Object.keys(labels)
    .sort()
    .map((k) => k + '="' + labels[k] + '"')
    .join(',');
  const v = metric.values[key];
  if (v) v.value++;
  else metric.values[key] = { labels, value: 1, at: new Date() }; // heapmark: grows
}

module.exports = { counter, inc, registry };
