interface Ticket {
  holder: string;
  stamps: string[];
}

const ticketsByPath = new Map<string, Ticket>(); // heapmark: growing-collection holder

export function ticketOf(path: string): Ticket {
  let ticket = ticketsByPath.get(path);
  if (!ticket) {
    ticket = { holder: `holder of ${path}`, stamps: [] };
    for (let gate = 0; gate < 20; gate++) ticket.stamps.push(`gate ${gate} of ${path}`);
    ticketsByPath.set(path, ticket);
  }
  return ticket;
}
