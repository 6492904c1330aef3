'use strict';

exports.maxPages = Number({}.PAGE_CACHE);
