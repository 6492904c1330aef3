// A gateway for devices in the field: they connect, send a few readings, and go.
import { Connection } from './connection.mjs';

let connections = 0;

function serveDevice(address) {
  const connection = new Connection(++connections, address);
  try {
    for (let reading = 0; reading < 5; reading++) {
      connection.receive({ sensor: `t${reading}`, value: 20 + reading / 10 });
    }
    return connection.received.length;
  } finally {
    connection.close();
  }
}

/** 250 devices report. */
export function round() {
  for (let device = 0; device < 250; device++) serveDevice(`10.0.${device >> 8}.${device & 255}`);
  const { open } = Connection.statistics();
  if (open !== 0) throw new Error(`${open} connections are still open`);
}
