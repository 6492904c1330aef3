export interface Session {
  id: string;
  user: string;
  cart: string[];
  lastSeen: number;
}

export class SessionStore {
  private readonly sessions: Record<string, Session> = {}; // heapmark: holder

  open(id: string, user: string): Session {
    const session: Session = { id, user, cart: [], lastSeen: Date.now() };
    this.sessions[id] = session; // heapmark: grows
    return session;
  }

  touch(id: string): void {
    const s = this.sessions[id];
    if (s) s.lastSeen = Date.now();
  }

  logout(id: string): void {
    delete this.sessions[id];
  }
}
