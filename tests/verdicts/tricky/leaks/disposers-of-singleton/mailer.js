'use strict';

const { Component } = require('./component');

class Mailer extends Component {
  constructor() {
    super('mailer');
    this.sent = 0;
  }
  send(to, html) {
    const job = { to, html, tries: 0 };
    this.own(() => { // heapmark: grows
      job.cancelled = true;
    });
    job.tries++;
    this.sent++;
    return job.tries;
  }
}

exports.mailer = new Mailer();
