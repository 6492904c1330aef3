// Bounded: the newest 2000 records: a function of another file removes those beyond.
'use strict';

const { keepNewest } = require('./trim');

const audit = [];

let k = 0;

function record(who, what) {
  audit.push({ who, what, at: new Date(), no: ++k, extra: [k + 0.5, 'x' + k] });
  keepNewest(audit, 2000);
}

exports.work = async (n) => {
  for (let i = 0; i < n; i++) record('u' + i, 'did ' + i);
};
