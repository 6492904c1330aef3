// Devices report what they measure, a few times a minute.

import { Reading, latest, remember } from './store.js';

const DEVICES = ['boiler', 'roof', 'garden', 'cellar'];
let minutes = 0;

/** A hundred minutes of four devices. */
export function round() {
  for (let i = 0; i < 100; i++) {
    minutes += 1;
    for (const device of DEVICES) remember(new Reading(device, 15 + ((minutes * 7) % 20)));
  }
  if (!latest('cellar')) throw new Error('the last reading was not stored');
}
