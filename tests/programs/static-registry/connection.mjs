// One client of the gateway. The class knows all of its instances, for the statistics page.

export class Connection { // heapmark: growing-collection leaked
  static all = []; // heapmark: growing-collection holder first

  constructor(id, address) {
    this.id = id;
    this.address = address;
    this.opened = Date.now();
    this.state = 'open';
    this.received = [];
    Connection.all.push(this); // heapmark: growing-collection grows
  }

  receive(message) {
    this.received.push({ at: Date.now(), ...message });
  }

  close() {
    this.state = 'closed';
  }

  static statistics() {
    const open = Connection.all.filter((connection) => connection.state === 'open');
    return { open: open.length, total: Connection.all.length };
  }
}
