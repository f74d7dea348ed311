// What the drivers of badge readers and of the voice module hear and say, byte by byte, by the datasheets and their own examples.

import { expect, it, vi } from "vitest";

import { readBoard } from "../../firmware/tools/build/build.js";
import type { Hal } from "../../hal/hal.js";
import { crcA } from "../../sim/chips/card.js";
import type { VirtualBoard } from "../../sim/espruino/virtual-board.js";
import type { World } from "../../sim/world/world.js";
import { bindingsOf, switchOn } from "./bindings.js";

interface Layer {
  readonly world: World;
  readonly virtual: VirtualBoard;
  readonly hal: Hal;
  readonly heard: string[];
}

async function layerOf(name: string): Promise<Layer> {
  const board = readBoard(name);
  const { world, virtual, globals } = switchOn(board, await bindingsOf(board));
  const hal = (globals.createHal as () => Hal)();
  const heard: string[] = [];
  hal.badgeReader.start({ onBadge: (badge) => heard.push(badge), onFault: (fault) => heard.push(fault) });
  return { world, virtual, hal, heard };
}

it("a serial reader's frame is that of the example in Seeed's manual of the 125 kHz module (RDM630), TTL interface", async () => {
  const { world, heard } = await layerOf("test/boards/badge-voice.ts");
  // Card 62E3086CED: 36 32 45 33 30 38 36 43 45 44, and 62 XOR E3 XOR 08 XOR 6C XOR ED = 08.
  world.presentBadge(String.fromCharCode(0x02, 0x36, 0x32, 0x45, 0x33, 0x30, 0x38, 0x36, 0x43, 0x45, 0x44, 0x30, 0x38, 0x03));
  world.advanceTo(1000);
  expect(heard).toEqual(["EM:62E3086CED"]);
});

it("a serial reader's frame may have CR LF before its ETX, as in ID Innovations' datasheet of ID-2LA, ID-12LA and ID-20LA, output data structure ASCII", async () => {
  const { world, heard } = await layerOf("test/boards/badge-voice.ts");
  // STX, ten digits, two digits of checksum, CR, LF, ETX.
  world.presentBadge("\x0262E3086CED08\r\n\x03");
  world.advanceTo(1000);
  expect(heard).toEqual(["EM:62E3086CED"]);
});

it("a Wiegand frame has even parity over its first half in front and odd parity over its second half at the end (SIA AC-01)", async () => {
  const { world, heard } = await layerOf("pico");
  // Facility 1, card 2: 0000 0001 0000 and 0000 0000 0010, each with one bit set.
  world.presentBadge(`1${"000000010000"}${"000000000010"}0`);
  world.advanceTo(1000);
  expect(heard).toEqual(["W26:010002"]);
});

it("a voice module's frames are those of Flyron's datasheet FN-M16P V1.0, 3.1 (format), 3.2 (checksum) and 3.3 (06h volume, 12h folder mp3)", async () => {
  const { world, virtual, hal } = await layerOf("test/boards/badge-voice.ts");
  const frames: string[] = [];
  const write = virtual.serialWrite.bind(virtual);
  vi.spyOn(virtual, "serialWrite").mockImplementation((port, data) => {
    frames.push(Buffer.from(data, "latin1").toString("hex"));
    write(port, data);
  });
  world.advanceTo(2000);
  hal.sound.play("welcome", 100);
  world.advanceTo(3000);
  // "Specified volume is level 30", and track 1 of the folder: the checksum is FFFF - (FF + 06 + 12 + 00 + 00 + 01) + 1.
  expect(frames).toEqual(["7eff060600001efed7ef", "7eff0612000001fee8ef"]);
});

/** Registers of an MFRC522 rev 3.9, section 9.2, table 20. */
const [COMMAND, COM_IRQ, ERROR, FIFO_DATA, FIFO_LEVEL, BIT_FRAMING] = [0x01, 0x04, 0x06, 0x09, 0x0a, 0x0d] as const;

/** The byte that addresses a register: 8.1.2.3, table 8. */
function address(register: number, isRead = false): number {
  return (isRead ? 0x80 : 0) | (register << 1);
}

/** One exchange with a card: a frame is sent (10.3.1.8, Transceive with StartSend), and what it brought is read (8.1.2.1). */
function exchange(frame: readonly number[], lastBits: number, answerBytes: number): number[][] {
  const status = [address(COM_IRQ, true), address(ERROR, true), address(FIFO_LEVEL, true), 0];
  return [
    [address(COMMAND), 0x00], // Idle: 10.3, table 149
    [address(COM_IRQ), 0x7f], // Set1 is 0: the bits that are marked are cleared, 9.3.1.5
    [address(FIFO_LEVEL), 0x80], // FlushBuffer, 9.3.1.11
    [address(FIFO_DATA), ...frame],
    [address(COMMAND), 0x0c], // Transceive
    [address(BIT_FRAMING), 0x80 | lastBits], // StartSend and TxLastBits, 9.3.1.14
    status,
    status,
    ...(answerBytes > 0 ? [[...Array<number>(answerBytes).fill(address(FIFO_DATA, true)), 0]] : []),
  ];
}

it("an MFRC522 is reset, set up, and asked for a card of 4 bytes by its datasheet and ISO/IEC 14443-3, 6.5", async () => {
  const board = readBoard("test/boards/card-matrix.ts");
  const { world, virtual, heard } = await layerOf("test/boards/card-matrix.ts");
  const transfers: number[][] = [];
  const send = virtual.spiSend.bind(virtual);
  vi.spyOn(virtual, "spiSend").mockImplementation((bus, bytes, cs) => {
    if (board.badgeReader.driver === "mfrc522" && cs === board.badgeReader.cs) transfers.push([...bytes]);
    return send(bus, bytes, cs);
  });
  world.presentBadge("UID:04A1B2C3", 50);
  world.advanceTo(10);
  const waiting = [address(COMMAND, true), 0];
  // All seven are read back in one transfer, 8.1.2.1.
  const check = [...[0x2a, 0x2b, 0x2c, 0x2d, 0x15, 0x11, 0x14].map((register) => address(register, true)), 0];
  const start = [
    [address(COMMAND), 0x0f], // SoftReset, 10.3.1.10
    ...[waiting, waiting, waiting], // until PowerDown is 0, 9.3.1.2
    [address(0x2a), 0x80], // TModeReg: TAuto, 9.3.3.10
    [address(0x2b), 169], // TPrescalerReg: 13.56 MHz / (2 x 169 + 1) = 40 kHz
    [address(0x2c), 0], // TReloadReg, 9.3.3.11
    [address(0x2d), 40],
    [address(0x15), 0x40], // TxASKReg: Force100ASK, 9.3.2.6
    [address(0x11), 0x3d], // ModeReg: CRCPreset 6363h, 9.3.2.2
    [address(0x14), 0x83], // TxControlReg: Tx1RFEn and Tx2RFEn, 9.3.2.5
    check,
  ];
  const uid = [0x04, 0xa1, 0xb2, 0xc3];
  const bcc = 0x04 ^ 0xa1 ^ 0xb2 ^ 0xc3;
  const select = [0x93, 0x70, ...uid, bcc];
  expect(transfers).toEqual([
    ...start,
    ...exchange([0x52], 7, 2), // WUPA, 7 bits; ATQA
    ...exchange([0x93, 0x20], 0, 5), // ANTICOLLISION of cascade level 1; UID and BCC
    ...exchange([...select, ...crcA(select)], 0, 3), // SELECT; SAK and CRC_A
    ...exchange([0x50, 0x00, 0x57, 0xcd], 0, 0), // HLTA, to which nothing answers
  ]);
  expect(heard).toEqual(["UID:04A1B2C3"]);
});

it.each([
  ["TxControlReg", 0x14, 0x80, 100],
  ["TxASKReg", 0x15, 0x00, 100],
  ["ModeReg", 0x11, 0x3f, 100],
  ["RFCfgReg, which is not read back", 0x26, 0x00, 60_000],
])("an MFRC522 with a disturbed %s reads again in time", async (_, register, value, withinMs) => {
  const board = readBoard("test/boards/card-matrix.ts");
  const { world, virtual, heard } = await layerOf("test/boards/card-matrix.ts");
  if (board.badgeReader.driver !== "mfrc522") throw new Error("another reader");
  world.advanceTo(5010);
  virtual.spiSend(board.badgeReader.bus, [address(register), value], board.badgeReader.cs);
  world.advanceTo(5010 + withinMs);
  world.presentBadge("UID:04A1B2C3", 100);
  world.advanceTo(5110 + withinMs);
  expect(new Set(heard)).toEqual(new Set(["UID:04A1B2C3"]));
});
