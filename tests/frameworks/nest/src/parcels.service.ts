import { Injectable } from '@nestjs/common';

export class Parcel {
  readonly stops: string[];

  constructor(readonly id: string) {
    this.stops = Array.from({ length: 12 }, (_, stop) => `parcel ${id} at stop ${stop}`);
  }
}

@Injectable()
export class ParcelsService {
  private readonly parcelsById: Record<string, Parcel> = {}; // heapmark: growing-collection holder

  find(id: string): Parcel {
    if (!this.parcelsById[id]) {
      this.parcelsById[id] = new Parcel(id);
    }
    return this.parcelsById[id];
  }
}
