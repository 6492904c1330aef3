'use strict';

const rooms = new Map();

function join(room, client) {
  let members = rooms.get(room);
  if (!members) rooms.set(room, (members = new Set()));
  members.add(client);
  client.on('close', () => leave(room, client));
}

function leave(room, client) {
  const members = rooms.get(room);
  if (!members) return;
  members.delete(client);
  if (members.size === 0) rooms.delete(room);
}

function say(room, text) {
  for (const c of rooms.get(room) ?? []) c.send(text);
}

module.exports = { join, leave, say };
