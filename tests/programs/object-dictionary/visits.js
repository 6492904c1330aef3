// Counts what visitors do. The numbers of one visitor are found by the visitor's id; a visitor
// without a cookie gets a new id with every page.
'use strict';

const visitorsById = {}; // heapmark: growing-collection holder first

let anonymous = 0;

function visitorId(request) {
  return request.cookies.visitor ?? `anonymous-${(++anonymous).toString(36)}`;
}

function makeVisitor(id) { // a record, not a class: most code looks like this
  return { id, firstSeen: Date.now(), pages: [], referrers: {}, total: 0 };
}

function recordVisit(request) {
  const id = visitorId(request);
  let visitor = visitorsById[id];
  if (!visitor) {
    visitor = makeVisitor(id);
    visitorsById[id] = visitor; // heapmark: growing-collection grows
  }
  visitor.total += 1;
  visitor.pages = [...visitor.pages.slice(-9), request.path];
  visitor.referrers[request.referrer] = true;
  return visitor;
}

function report() {
  const visitors = Object.values(visitorsById);
  return { visitors: visitors.length, returning: visitors.filter((visitor) => visitor.total > 1).length };
}

/** 400 page views: every fourth visitor has a cookie and is one of twenty regulars. */
function round() {
  for (let i = 0; i < 400; i++) {
    const cookies = i % 4 === 0 ? { visitor: `regular-${(i / 4) % 20}` } : {};
    recordVisit({ path: `/articles/${i % 30}`, referrer: i % 3 ? 'search' : 'mail', cookies });
  }
  if (report().returning > 20) throw new Error('more regulars than there are');
}

module.exports = { round };
