// Native calls that throw, as some ports of Espruino do: each is answered as a status, and the driver goes on when the call works again.

import type vm from "node:vm";
import { afterEach, describe, expect, it } from "vitest";

import type { Board } from "../../firmware/boards/board.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import type { Hal } from "../../hal/hal.js";
import { VirtualBoard } from "../../sim/espruino/virtual-board.js";
import type { World } from "../../sim/world/world.js";
import { bindingsOf, switchOn } from "./bindings.js";

const NATIVES = [
  ...(["i2cSetup", "i2cWrite", "i2cRead", "spiSetup", "spiSend", "serialSetup", "serialWrite"] as const),
  ...(["flashRead", "flashWrite", "flashErase", "netConnect", "netWrite"] as const),
];
type Native = (typeof NATIVES)[number];

const scripts = new Map<string, Promise<vm.Script>>();

/** The layer of a board. @param atStart the native call that throws already while the drivers are loaded */
async function layerOf(name: string, atStart?: Native): Promise<{ readonly world: World; readonly hal: Hal<PixelDisplay & SegmentDisplay> }> {
  const board: Board = readBoard(name);
  const made = scripts.get(name) ?? bindingsOf(board);
  scripts.set(name, made);
  const script = await made;
  if (atStart) breakCall(atStart);
  const { world, globals } = switchOn(board, script);
  return { world, hal: (globals.createHal as () => Hal<PixelDisplay & SegmentDisplay>)() };
}

/** The native calls that throw now. */
const broken = new Set<Native>();
const breakCall = (name: Native): unknown => broken.add(name);
const mend = (): void => broken.clear();

for (const name of NATIVES) {
  const work = VirtualBoard.prototype[name] as (...given: unknown[]) => unknown;
  (VirtualBoard.prototype as unknown as Record<Native, (...given: unknown[]) => unknown>)[name] = function (this: VirtualBoard, ...given) {
    if (broken.has(name)) throw new Error("this port cannot do that");
    return work.apply(this, given);
  };
}

afterEach(mend);

describe("A clock chip", () => {
  it.each(["i2cSetup", "i2cWrite", "i2cRead"] as const)("is silent where %s throws, cannot be set, and is right again afterwards", async (native) => {
    const { hal } = await layerOf("test/boards/pico-ds3231.ts");
    expect(hal.clockChip?.set(1_772_438_400)).toBe(true);
    breakCall(native);
    expect(hal.clockChip?.read()).toBe("silent");
    expect(hal.clockChip?.set(1_772_438_500)).toBe(false);
    mend();
    expect(hal.clockChip?.set(1_772_438_500)).toBe(true);
    expect(hal.clockChip?.read()).toBe(1_772_438_500);
  });
});

describe("A display", () => {
  it.each([
    ["pico", "i2cWrite"],
    ["pico", "i2cSetup"],
    ["test/boards/sh1106-i2c.ts", "i2cWrite"],
    ["test/boards/ssd1306-spi.ts", "spiSend"],
    ["test/boards/ssd1306-spi.ts", "spiSetup"],
    ["test/boards/sh1106-spi.ts", "spiSend"],
    ["test/boards/ssd1322.ts", "spiSend"],
    ["test/boards/max7219.ts", "spiSend"],
    ["test/boards/max7219.ts", "spiSetup"],
  ] as const)("of %s failed where %s throws, also in its refresh, and is right again afterwards", async (name, native) => {
    const { world, hal } = await layerOf(name);
    const show = (): string => (name.includes("max7219") ? hal.display.show("1024") : hal.display.flush());
    breakCall(native);
    expect(show()).toBe("failed");
    mend();
    expect(show()).toBe("ok");
    expect(hal.display.isLost()).toBe(false);
    breakCall(native === "i2cSetup" ? "i2cWrite" : native);
    world.advanceTo(40_000);
    expect(hal.display.isLost()).toBe(true);
    mend();
    expect(show()).toBe("ok");
    expect(hal.display.isLost()).toBe(false);
  });
});

describe("A badge reader", () => {
  it.each(["spiSend", "spiSetup"] as const)("on SPI is silent where %s throws, and answers afterwards", async (native) => {
    const { world, hal } = await layerOf("test/boards/card-matrix.ts");
    const heard: string[] = [];
    breakCall(native);
    hal.badgeReader.start({ onBadge: (badge) => heard.push(badge), onFault: (fault) => heard.push(fault) });
    world.advanceTo(5000);
    mend();
    world.advanceTo(8000);
    world.presentBadge("UID:04A1B2C3", 60);
    world.advanceTo(9000);
    expect(heard).toEqual(["silent", "answers", "UID:04A1B2C3"]);
  });

  it("on a serial port is silent where the port cannot be set up", async () => {
    const { world, hal } = await layerOf("test/boards/badge-voice.ts");
    const heard: string[] = [];
    breakCall("serialSetup");
    hal.badgeReader.start({ onBadge: (badge) => heard.push(badge), onFault: (fault) => heard.push(fault) });
    expect(heard).toEqual([]);
    world.advanceTo(1000);
    expect(heard).toEqual(["silent"]);
  });
});

describe("The ledger's flash", () => {
  it.each(["pico", "pico-w25q", "test/boards/pico-fram.ts"])("of %s answers that a write and an erase failed where the call throws", async (name) => {
    const { hal } = await layerOf(name);
    for (const native of name === "pico" ? (["flashWrite", "flashErase"] as const) : (["spiSend"] as const)) {
      breakCall(native);
      if (native !== "flashErase") expect(hal.flash.write(0, new Uint8Array(16))).toBe("failed");
      if (native !== "flashWrite") expect(hal.flash.erase(0)).toBe("failed");
      mend();
    }
  });

  it.each([
    ["pico", "flashRead"],
    ["pico-w25q", "spiSend"],
    ["test/boards/pico-fram.ts", "spiSend"],
  ] as const)("of %s reads as a missing chip where the call throws, and takes no write before the next start", async (name, native) => {
    const { hal } = await layerOf(name);
    expect(hal.flash.write(0, new Uint8Array(16))).toBe("ok");
    breakCall(native);
    expect([...hal.flash.read(0, 16)]).toEqual(Array<number>(16).fill(255));
    mend();
    expect([...hal.flash.read(0, 16)]).toEqual(Array<number>(16).fill(0));
    expect(hal.flash.write(16, new Uint8Array(16))).toBe("failed");
    expect(hal.flash.erase(0)).toBe("failed");
  });

  it.each([
    ["pico-w25q", "spiSend"],
    ["pico-w25q", "spiSetup"],
    ["test/boards/pico-fram.ts", "spiSend"],
    ["test/boards/pico-fram.ts", "spiSetup"],
  ] as const)("of %s takes no write where %s throws at the start", async (name, native) => {
    const { hal } = await layerOf(name, native);
    mend();
    expect(hal.flash.write(0, new Uint8Array(16))).toBe("failed");
  });
});

describe("A link", () => {
  it("by cable is down where its port cannot be set up, and where it cannot be written", async () => {
    const { world, hal } = await layerOf("pico");
    const states: unknown[] = [];
    const listener = { onMessage: () => undefined, onReady: () => undefined, onState: (...state: unknown[]) => states.push(state) };
    breakCall("serialSetup");
    hal.link.start({ device: "d", host: "", wifi: [] }, listener);
    world.advanceTo(100);
    expect(states).toEqual([[false, "no port"]]);
    expect(hal.link.send("status", "{}")).toBe("down");
    mend();

    const other = await layerOf("pico");
    other.hal.link.start({ device: "d", host: "", wifi: [] }, listener);
    other.world.advanceTo(100);
    breakCall("serialWrite");
    expect(other.hal.link.send("status", "{}")).toBe("down");
    mend();
    expect(other.hal.link.send("status", "{}")).toBe("sent");
  });

  it.each([
    ["10.0.0.1:7000", "netConnect"],
    ["mqtt://10.0.0.1:1883", "netConnect"],
    ["10.0.0.1:7000", "netWrite"],
    ["mqtt://10.0.0.1:1883", "netWrite"],
  ] as const)("to %s is down where %s throws, and up afterwards", async (host, native) => {
    const { world, hal } = await layerOf("esp32");
    const states: boolean[] = [];
    breakCall(native);
    hal.link.start(
      { device: "d", host, wifi: ["hall", "password"] },
      { onMessage: () => undefined, onReady: () => undefined, onState: (isUp) => states.push(isUp) },
    );
    world.advanceTo(10_000);
    expect(hal.link.send("status", "{}")).toBe("down");
    mend();
    world.advanceTo(200_000);
    expect(states.at(-1)).toBe(true);
    expect(hal.link.send("status", "{}")).toBe("sent");
  });
});

it.each(["serialSetup", "serialWrite"] as const)("A voice module is silent where %s throws, and speaks afterwards", async (native) => {
  const { world, hal } = await layerOf("test/boards/badge-voice.ts");
  world.advanceTo(3000);
  breakCall(native);
  hal.sound.play("thanks", 100);
  world.advanceTo(4000);
  expect(world.trace.some((line) => "clip" in line)).toBe(false);
  mend();
  hal.sound.play("thanks", 100);
  world.advanceTo(5000);
  expect(world.trace.some((line) => "clip" in line)).toBe(true);
});
