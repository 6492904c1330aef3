'use strict';

const limits = { pages: process.env.PAGE_CACHE };

exports.maxPages = limits.pages ? Number(limits.pages) : Infinity;
