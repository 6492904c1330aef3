import { Injectable } from '@nestjs/common';

export class Parcel {
  readonly stops: string[];

  constructor(readonly id: string) {
    this.stops = Array.from({ length: 12 }, (_, stop) => `parcel ${id} at stop ${stop}`);
  }
}

@Injectable()
export class ParcelsService {
  find(id: string): Parcel {
    return new Parcel(id);
  }
}
