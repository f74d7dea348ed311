// A display chip on I2C. The first byte tells whether commands or pixels follow (SSD1306 rev 1.1 section 8.1.5.2, SH1106 v2.3 section "I2C-bus Interface", Co = 0). A
// transfer to a chip that does not answer throws.

import { board } from "#board";
import { part } from "../part.js";

const wiring = board.display;
const bus = part<EspruinoI2c>(wiring.bus);

/** Whether a missing chip is noticed. */
export const CAN_ANSWER = true;

export function openBus(): void {
  bus.setup({ scl: part(wiring.scl), sda: part(wiring.sda), bitrate: wiring.bitrateHz });
}

/** @param kind 0x00: commands, 0x40: pixels */
export function sendTo(kind: 0x00 | 0x40, data: ArrayLike<number>): void {
  bus.writeTo(wiring.address, kind, data);
}
