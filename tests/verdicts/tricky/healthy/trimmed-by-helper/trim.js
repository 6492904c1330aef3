'use strict';

exports.keepNewest = function keepNewest(list, count) {
  const over = list.length - count;
  if (over > 0) list.splice(0, over);
  return list;
};
