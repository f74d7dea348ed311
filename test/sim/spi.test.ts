// SPI buses of the simulated boards: the same script on the fake globals and on the real interpreter, and the refusals of a bus.

import { describe, expect, it } from "vitest";
import { SpiBuses, type SpiChip } from "../../sim/chips/spi.js";

/** A chip that answers each byte with the one before, and keeps the bytes that it got while it was selected. */
function echo(name: string): SpiChip & { readonly heard: number[][] } {
  const heard: number[][] = [];
  let last = 0;
  return {
    name,
    heard,
    mostHz: 10_000_000,
    modes: [0],
    select: (isSelected) => void (isSelected && heard.push([])),
    exchange(byte) {
      heard[heard.length - 1]?.push(byte);
      const before = last;
      last = byte;
      return before;
    },
  };
}

const PINS = { sck: "B13", mosi: "B15", miso: "B14", cs: "B1" };

function wired(): { buses: SpiBuses; chip: ReturnType<typeof echo> } {
  const buses = new SpiBuses();
  const chip = echo("echo");
  buses.attach(PINS, chip);
  return { buses, chip };
}

describe("An SPI bus", () => {
  it("carries bytes both ways to the chip that is selected", () => {
    const { buses, chip } = wired();
    buses.setup("SPI2", { sck: "B13", mosi: "B15", miso: "B14", baud: 8_000_000 });
    buses.select("B1", true);
    expect(buses.exchange("SPI2", [1, 2, 3])).toEqual([0, 1, 2]);
    buses.select("B1", false);
    expect(chip.heard).toEqual([[1, 2, 3]]);
  });

  it("reads ones where no line comes back", () => {
    const { buses } = wired();
    buses.setup("SPI2", { sck: "B13", mosi: "B15" });
    buses.select("B1", true);
    expect(buses.exchange("SPI2", [1, 2])).toEqual([255, 255]);
  });

  it("loses bytes in a loose cable", () => {
    const buses = new SpiBuses();
    const chip = echo("echo");
    buses.attach(PINS, chip, () => false);
    buses.setup("SPI2", PINS);
    buses.select("B1", true);
    expect(buses.exchange("SPI2", [1, 2])).toEqual([255, 255]);
    expect(chip.heard).toEqual([]);
  });

  it.each([
    ["before it is set up", undefined, true, "SPI2: used before it was set up"],
    ["with nobody selected", PINS, false, "SPI2: bytes for nobody"],
    ["on other pins", { ...PINS, mosi: "B5" }, true, "SPI2: bytes for nobody"],
    ["in a mode that the chip does not understand", { ...PINS, mode: 1 }, true, "echo: does not understand SPI mode 1"],
    ["faster than the chip", { ...PINS, baud: 20_000_000 }, true, "echo: 20000000 Hz, the most is 10000000"],
  ] as const)("refuses bytes %s", (_, setup, isSelected, message) => {
    const { buses } = wired();
    if (setup) buses.setup("SPI2", setup);
    buses.select("B1", isSelected);
    expect(() => buses.exchange("SPI2", [1])).toThrow(message);
  });

  it("refuses two chips at once", () => {
    const { buses } = wired();
    buses.attach({ ...PINS, cs: "B12" }, echo("other"));
    buses.select("B1", true);
    expect(() => buses.select("B12", true)).toThrow("other: selected while echo is");
  });
});
