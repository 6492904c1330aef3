import { remember } from './recent';
import { ticketOf } from './tickets';
import { timings } from './timings';

export async function handler(event: { rawPath: string }) {
  const started = performance.now();
  const ticket = ticketOf(event.rawPath);
  timings.add(event.rawPath, performance.now() - started);
  return { statusCode: 200, body: JSON.stringify({ holder: ticket.holder, seen: remember(event.rawPath) }) };
}
