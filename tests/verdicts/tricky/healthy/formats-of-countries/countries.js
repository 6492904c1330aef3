'use strict';

const A = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

exports.countries = [...A].flatMap((a) => [...A].map((b) => a + b));
