import 'reflect-metadata';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ParcelsService } from './parcels.service';
import { RatesService } from './rates.service';
import { TrackingService } from './tracking.service';

@Controller('parcels')
class ParcelsController {
  constructor(
    private readonly parcels: ParcelsService,
    private readonly tracking: TrackingService,
    private readonly rates: RatesService,
  ) {}

  @Get(':id')
  get(@Param('id') id: string) {
    const parcel = this.parcels.find(id);
    return { id: parcel.id, price: this.rates.of(id), moves: this.tracking.follow(id).moves.length };
  }
}

@Module({
  controllers: [ParcelsController],
  providers: [ParcelsService, TrackingService, RatesService],
})
class AppModule {}

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.listen(process.env.PORT!);
}
void main();
