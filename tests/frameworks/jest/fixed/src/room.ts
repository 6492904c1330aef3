import { EventEmitter } from 'node:events';

const room = new EventEmitter().setMaxListeners(0);

export function enter(name: string): { heard: string[]; leave(): void } {
  const heard: string[] = [];
  const onWord = (word: string) => heard.push(`${name} heard ${word}`);
  room.on('word', onWord);
  return { heard, leave: () => room.off('word', onWord) };
}
