// Entry of a test program for the interpreter, minified like the firmware: the bindings of a board, which a test calls by the names here. Bytes travel
// in Base64, and what a test wants to hear of goes to it by a number (interpreter-hal.ts is the other end).

import type { ClockChip } from "../../hal/clock-chip.js";
import type { PixelDisplay, SegmentDisplay } from "../../hal/display.js";
import { createHal } from "../../hal/espruino/hal.js";
import type { KeyName } from "../../hal/keys.js";
import type { LinkConfig, MessageKind } from "../../hal/link.js";
import type { Cue } from "../../hal/sound.js";

/** The simulator's: tells a test something, and comes back when the test is done with it. */
declare function heard(listener: number, words: readonly unknown[]): void;
/** The simulator's: here is what can be called. */
declare function offer(calls: object): void;

const hal = createHal();
const display = hal.display as unknown as PixelDisplay & SegmentDisplay;

offer({
  "clock.nowMs": () => hal.clock.nowMs(),
  "clock.wakeAt": (atMs: number, onWake: number) => hal.clock.wakeAt(atMs, () => heard(onWake, [])),
  "clockChip.read": () => (hal.clockChip as ClockChip).read(),
  "clockChip.set": (unix: number) => (hal.clockChip as ClockChip).set(unix),
  "keys.start": (onEdge: number) => hal.keys.start((key: KeyName, isDown: boolean, atMs: number) => heard(onEdge, [key, isDown, atMs])),
  "badgeReader.start": (onBadge: number, onFault: number) =>
    hal.badgeReader.start({
      onBadge: (badge, atMs) => heard(onBadge, [badge, atMs]),
      onFault: (fault, atMs) => heard(onFault, [fault, atMs]),
    }),
  "display.size": () => [display.widthPixels, display.heightPixels],
  "display.clear": () => display.clear(),
  "display.fill": (x: number, y: number, width: number, height: number) => display.fill(x, y, width, height),
  "display.blit": (bits: string, width: number, height: number, x: number, y: number, scale: number) =>
    display.blit(atob(bits), width, height, x, y, scale),
  "display.flush": () => display.flush(),
  "display.isLost": () => display.isLost(),
  "display.digits": () => display.digits,
  "display.show": (text: string) => display.show(atob(text)),
  "lamps.show": (lit: number) => hal.lamps.show(lit),
  "sound.play": (cue: Cue, volumePercent: number) => hal.sound.play(cue, volumePercent),
  "flash.geometry": () => [hal.flash.pageBytes, hal.flash.pageCount, hal.flash.slotPages, hal.flash.alignBytes],
  "flash.read": (offset: number, lengthBytes: number) => hal.toBase64(hal.flash.read(offset, lengthBytes)),
  "flash.write": (offset: number, data: string) => hal.flash.write(offset, hal.toBytes(atob(data))),
  "flash.erase": (page: number) => hal.flash.erase(page),
  "store.read": (name: string) => {
    const found = hal.store.read(name);
    return found && btoa(found);
  },
  "link.start": (device: string, host: string, wifi: readonly string[], onMessage: number, onState: number, onReady: number) => {
    const config: LinkConfig = { device, host, wifi };
    hal.link.start(config, {
      onMessage: (text) => heard(onMessage, [btoa(text)]),
      onState: (isUp, why) => heard(onState, [isUp, why]),
      onReady: () => heard(onReady, []),
    });
  },
  "link.send": (kind: MessageKind, text: string) => hal.link.send(kind, text),
  "restart": () => hal.restart(),
  "unlock": () => hal.unlock(),
  "crc32": (data: string, isText: boolean) => hal.crc32(isText ? atob(data) : hal.toBytes(atob(data))),
  "sha256": (data: string) => hal.toBase64(hal.sha256(hal.toBytes(atob(data)))),
  "fromBase64": (text: string) => btoa(hal.fromBase64(text)),
  "random32": () => hal.random32(),
  "vitals": () => {
    const { free, flags } = hal.vitals();
    return [free, flags];
  },
});
