// heapmark: nothing
// Shipping costs. The tables are large and most processes never need them, so they are made when
// the first parcel is weighed, and kept from then on.
'use strict';

class Zone {
  constructor(country, rates) {
    this.country = country;
    this.rates = rates;
  }

  cost(grams) {
    return this.rates[Math.min(this.rates.length - 1, Math.floor(grams / 100))];
  }
}

const COUNTRIES = Array.from({ length: 240 }, (_, i) => `country-${i}`);

let zones;
const formatters = new Map();

function zoneTable() {
  zones ??= new Map(COUNTRIES.map((country, i) => {
    const rates = Array.from({ length: 50 }, (_, step) => 3.9 + i * 0.05 + step * 0.7);
    return [country, new Zone(country, rates)];
  }));
  return zones;
}

function formatter(currency) {
  if (!formatters.has(currency)) {
    formatters.set(currency, new Intl.NumberFormat('en', { style: 'currency', currency }));
  }
  return formatters.get(currency);
}

function quote(parcel) {
  const zone = zoneTable().get(parcel.country);
  return formatter(parcel.currency).format(zone.cost(parcel.grams));
}

/** Quotes for 480 parcels to everywhere. */
function round() {
  for (let i = 0; i < 480; i++) {
    const price = quote({ country: COUNTRIES[i % 240], grams: 50 + i * 9, currency: i % 2 ? 'EUR' : 'USD' });
    if (!price) throw new Error(`no price for parcel ${i}`);
  }
}

module.exports = { round };
