interface Ticket {
  holder: string;
  stamps: string[];
}

export function ticketOf(path: string): Ticket {
  const ticket: Ticket = { holder: `holder of ${path}`, stamps: [] };
  for (let gate = 0; gate < 20; gate++) ticket.stamps.push(`gate ${gate} of ${path}`);
  return ticket;
}
