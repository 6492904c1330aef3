import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';

@Injectable()
export class TrackingService {
  private readonly scans = new Subject<string>();

  follow(id: string): { moves: string[] } {
    const followed = { moves: [] as string[] };
    const subscription = this.scans.subscribe((scanned) => {
      if (scanned === id) followed.moves.push(scanned);
    });
    setTimeout(() => subscription.unsubscribe(), 20);
    return followed;
  }
}
