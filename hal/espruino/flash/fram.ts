// FRAM on SPI: Fujitsu's MB85RS and Infineon's FM25V. It writes as fast as bytes come, without pages, wear or erasing (MB85RS1MT, section "WRITE"; FM25V10, section
// "Memory Operation"), and takes one write for each WREN. The contract of flash holds all the same: a write only clears bits, and erasing sets them.

import { bus, command, cs, enableWriting, isRightChip, read, WRITE, wiring } from "./spi-memory.js";

const isUsable = isRightChip();

export const chip: EspruinoFlash = {
  read,
  write(data, address) {
    const old = new Uint32Array(read(data.length, address).buffer);
    // A copy, because the bytes may begin anywhere in their buffer.
    const wanted = new Uint32Array(new Uint8Array(data).buffer);
    // Where flash would have kept its bits, nothing is written: what lies there is somebody's.
    for (let i = 0; i < old.length; i++) if ((wanted[i] as number) & ~(old[i] as number)) throw new Error("not erased");
    enableWriting(isUsable);
    bus.write(command(WRITE, address), data, cs);
  },
  erasePage(address) {
    enableWriting(isUsable);
    bus.write(command(WRITE, address), { data: 255, count: wiring.pageBytes }, cs);
  },
};
