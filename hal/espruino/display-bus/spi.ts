// A display chip on SPI with four wires. The level of the pin D/C tells whether commands or pixels come (SSD1306 rev 1.1 section 8.1.3, SH1106 v2.3 section "4-Wire SPI",
// SSD1322 rev 1.2 section 8.1.3). The chip never answers, so a loose cable is not noticed.

import { board } from "#board";
import { part } from "../part.js";

interface SpiWiring {
  readonly bus: string;
  readonly sck: string;
  readonly mosi: string;
  readonly cs: string;
  readonly dc: string;
  readonly reset: string;
  readonly bitrateHz: number;
}

const wiring = board.display as unknown as SpiWiring;
const bus = part<EspruinoSpi>(wiring.bus);
const cs = part<Pin>(wiring.cs);
const dc = part<Pin>(wiring.dc);
const reset = part<Pin>(wiring.reset);

/** Whether a missing chip is noticed. */
export const CAN_ANSWER = false;

export function openBus(): void {
  digitalWrite(cs, 1);
  bus.setup({ sck: part(wiring.sck), mosi: part(wiring.mosi), baud: wiring.bitrateHz });
  // Low for a millisecond: the SSD1322 needs 100 us, the others less. The second call waits until the pulse is over.
  digitalPulse(reset, 0, 1);
  digitalPulse(reset, 0, 0);
}

/** @param kind 0x00: commands, 0x40: pixels, and for an SSD1322 the data of a command */
export function sendTo(kind: 0x00 | 0x40, data: ArrayLike<number>): void {
  digitalWrite(dc, kind ? 1 : 0);
  bus.write(data, cs);
}
