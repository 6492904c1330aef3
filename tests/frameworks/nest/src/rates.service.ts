import { Injectable } from '@nestjs/common';

// Bounded, so never a leak: the oldest goes when it is full.
@Injectable()
export class RatesService {
  private readonly rates = new Map<string, { cents: number }>();

  of(id: string): number {
    const known = this.rates.get(id);
    if (known) return known.cents;
    if (this.rates.size >= 50) this.rates.delete(this.rates.keys().next().value!);
    const rate = { cents: 400 + (Number(id) % 90) };
    this.rates.set(id, rate);
    return rate.cents;
  }
}
