import { EventEmitter } from 'node:events';

const library = new EventEmitter().setMaxListeners(0);

interface Reader {
  path: string;
  since: number;
}

export function announceTo(reader: Reader): () => number {
  const heard: string[] = [];
  const onAnnouncement = (text: string) => {
    heard.push(`${reader.path} since ${reader.since}: ${text}`);
  };
  library.on('announcement', onAnnouncement); // heapmark: growing-listeners grows
  return () => heard.length;
}
