// Leaks: each job leaves a function to be called on disposal with an object that is never disposed of.
'use strict';

const { mailer } = require('./mailer');

exports.work = async (n) => {
  for (let i = 0; i < n; i++)
    mailer.send('u' + i + '@x.org', Buffer.from('<p>' + 'hello '.repeat(200) + i).toString());
};
