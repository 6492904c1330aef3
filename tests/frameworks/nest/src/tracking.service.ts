import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';

@Injectable()
export class TrackingService {
  private readonly scans = new Subject<string>();

  follow(id: string): { moves: string[] } {
    const followed = { moves: [] as string[] };
    this.scans.subscribe((scanned) => { // heapmark: growing-collection grows
      if (scanned === id) followed.moves.push(scanned);
    });
    return followed;
  }
}
