// Memories on SPI as their datasheets describe them: what they do with every command, and what no driver may ask of them.

import { beforeEach, describe, expect, it } from "vitest";
import { NorFlash, PowerCut } from "../../sim/chips/nor-flash.js";
import { ChipRefusal } from "../../sim/chips/spi.js";
import { SpiMemory } from "../../sim/chips/spi-memory.js";

const BASE = 0x10000;

let region: NorFlash;
let chip: SpiMemory;

function memory(name: string, address = BASE): void {
  region = new NorFlash({ pageBytes: 4096, pageCount: 4, alignBytes: 1 }, () => undefined);
  chip = new SpiMemory({ chip: name, address }, region);
}

/** One transfer. @returns the bytes that came back */
function send(...bytes: number[]): number[] {
  chip.select(true);
  const back = bytes.map((byte) => chip.exchange(byte));
  chip.select(false);
  return back;
}

function status(): number {
  return send(0x05, 0)[1] as number;
}

/** Writes, and waits. */
function program(offset: number, data: readonly number[], opcode = 0x02): void {
  send(0x06);
  send(opcode, ...addressOf(offset), ...data);
  while (status() & 1);
}

function addressOf(offset: number): number[] {
  const address = BASE + offset;
  return [address >> 16, (address >> 8) & 255, address & 255];
}

describe("A W25Q", () => {
  beforeEach(() => memory("W25Q64JV"));

  it("says who it is", () => {
    expect(send(0x9f, 0, 0, 0)).toEqual([0xff, 0xef, 0x40, 0x17]);
  });

  it("reads on and on", () => {
    region.bytes.set([1, 2, 3, 4], 8);
    expect(send(0x03, ...addressOf(7), 0, 0, 0, 0).slice(4)).toEqual([255, 1, 2, 3]);
  });

  it("clears bits, and is busy meanwhile, and takes one write for each Write Enable", () => {
    send(0x06);
    expect(status()).toBe(2);
    send(0x02, ...addressOf(0), 0xf0);
    expect(status() & 1).toBe(1);
    expect(status()).toBe(0);
    program(0, [0x3c]);
    expect(region.bytes[0]).toBe(0x30);
    expect(() => send(0x02, ...addressOf(0), 0)).toThrow(/without Write Enable/);
  });

  it("wraps within 256 bytes, and keeps the last 256", () => {
    program(254, [1, 2, 3, 4]);
    expect([...region.bytes.subarray(254, 258)]).toEqual([1, 2, 255, 255]);
    expect([...region.bytes.subarray(0, 2)]).toEqual([3, 4]);
    program(
      512,
      Array.from({ length: 258 }, (_, i) => (i < 2 ? 0x55 : i & 255)),
    );
    expect([...region.bytes.subarray(512, 516)]).toEqual([0, 1, 2, 3]);
  });

  it("erases the sector around an address, and is busy for longer", () => {
    program(4096, [0]);
    program(8192, [0]);
    send(0x06);
    send(0x20, ...addressOf(4100));
    expect(status()).toBe(3);
    expect(() => send(0x03, ...addressOf(0), 0)).toThrow(/busy/);
    while (status() & 1);
    expect([region.bytes[4096], region.bytes[8192]]).toEqual([255, 0]);
    expect(region.wear).toEqual([0, 1, 0, 0]);
    expect(status()).toBe(0);
  });

  it("hears nothing but to wake while it is asleep", () => {
    send(0xb9);
    expect(() => send(0x9f, 0, 0, 0)).toThrow(/asleep/);
    send(0xab);
    expect(send(0x9f, 0)[1]).toBe(0xef);
  });

  it("loses its power inside a write and inside an erase", () => {
    region.cutAt({ operations: 0, bytes: 2 });
    send(0x06);
    expect(() => send(0x02, ...addressOf(0), 1, 2, 3, 4)).toThrow(PowerCut);
    expect(region.hasLostPower).toBe(true);
    expect([...region.bytes.subarray(0, 4)]).toEqual([1, 2, 255, 255]);
    region.cutAt({ operations: 0, bytes: 1 });
    memoryAgain();
    send(0x06);
    expect(() => send(0x20, ...addressOf(0))).toThrow(PowerCut);
    expect([...region.bytes.subarray(0, 4)]).toEqual([255, 2, 255, 255]);
  });

  function memoryAgain(): void {
    chip = new SpiMemory({ chip: "W25Q64JV", address: BASE }, region);
  }

  it.each<[string, number[]]>([
    ["an erase without Write Enable", [0x20, ...addressOf(0)]],
    ["a command that no driver uses", [0xc7]],
    ["a read outside the region", [0x03, ...addressOf(-1), 0]],
    ["a read without its address", [0x20, 0]],
  ])("refuses %s", (_, bytes) => {
    expect(() => send(...bytes)).toThrow(ChipRefusal);
  });

  it.each([
    ["outside the region", [...addressOf(4 * 4096), 0]],
    ["without data", addressOf(0)],
  ])("refuses a write %s", (_, bytes) => {
    send(0x06);
    expect(() => send(0x02, ...bytes)).toThrow(ChipRefusal);
  });
});

describe("An FRAM", () => {
  it.each([
    ["MB85RS64V", [0x04, 0x7f, 0x03, 0x02], 2],
    ["MB85RS1MT", [0x04, 0x7f, 0x27, 0x03], 3],
    ["FM25V05", [0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0xc2, 0x23, 0x00], 2],
  ] as const)("%s says who it is, and takes addresses by its size", (name, id, addressBytes) => {
    memory(name, 0);
    expect(send(0x9f, ...id).slice(1)).toEqual([...id]);
    region.bytes[0x102] = 7;
    const address = [0, 1, 2].slice(3 - addressBytes);
    expect(send(0x03, ...address, 0).at(-1)).toBe(7);
  });

  it("sets bits as well as it clears them, at once, and takes one write for each WREN", () => {
    memory("MB85RS1MT");
    program(254, [1, 2, 3, 4]);
    expect([...region.bytes.subarray(254, 258)]).toEqual([1, 2, 3, 4]);
    program(254, [0xfe]);
    expect(region.bytes[254]).toBe(0xfe);
    expect(status()).toBe(0);
    expect(() => send(0x02, ...addressOf(0), 0)).toThrow(/without Write Enable/);
  });

  it("has no erase, but a page that is set counts as one", () => {
    memory("MB85RS1MT");
    program(4096, [0, 0]);
    program(4096, new Array(4096).fill(255));
    expect(region.isErased(1)).toBe(true);
    expect(region.wear).toEqual([0, 1, 0, 0]);
    send(0x06);
    expect(() => send(0x20, ...addressOf(0))).toThrow(/used by no driver/);
  });
});
