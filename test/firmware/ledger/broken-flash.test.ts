// A terminal whose flash breaks while it serves. Every rating that was thanked for reaches the host, once. The next page replaces a failed one, and when none is left,
// citizens are sent to the paper card.

import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { board as pico } from "../../../firmware/boards/pico.js";
import { type LedgerRecord, readFlashImage, readRecord } from "../../../firmware/tools/ledger/ledger-reader.js";
import { encodeLine } from "../../../firmware/uplink/codec.js";
import { CLERK_BADGE, sampleFiles } from "../../../sim/bench/day.js";
import { nodeEngine } from "../../../sim/engines/node.js";
import { readScreen } from "../../../sim/scenario/screen.js";
import { Signer } from "../../../sim/world/signer.js";
import { SIMULATED_KEY } from "../../../sim/world/simulated-key.js";
import { World } from "../../../sim/world/world.js";
import { sampleOf } from "../../depth.js";

const crcOf = (text: string): number => crc32(Buffer.from(text, "latin1"));
const SLOT_BYTES = 64;

/** The content of a broken page after a write or an erase. */
interface Damage {
  readonly write?: (before: number, wanted: number, place: number) => number;
  readonly erase?: (before: number, place: number) => number;
}

/** Pages by the part that is broken. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  "takes no write": { write: (before) => before },
  "tears every word": { write: (before, wanted, place) => (place % 4 < 2 ? before & wanted : before) },
  "leaves bits uncleared": { write: (before, wanted, place) => (before & wanted) | (place % SLOT_BYTES === 20 ? before & 8 : 0) },
  "will not erase": { erase: (before) => before },
  "is erased in part": { erase: (before, place) => (place % 2 ? 255 : before) },
};

/** A clerk, citizens, and a host that stores and acknowledges everything. */
class Hall {
  readonly world: World;
  readonly records = new Map<number, LedgerRecord>();
  /** Transactions of citizens who were thanked. */
  readonly thanked: string[] = [];
  readonly answers: string[] = [];
  private readonly damaged = new Set<number>();
  private readonly signer = new Signer();
  private count = 0;

  constructor(pageCount: number, pageBytes: number, damage: Damage) {
    this.world = new World({
      board: { ...pico, flash: { ...pico.flash, pageBytes, pageCount } },
      engine: nodeEngine,
      files: sampleFiles(),
      isTraced: false,
    });
    this.world.onTrace((line) => {
      if (!("sent" in line)) return;
      const message = JSON.parse(line.sent.slice(0, line.sent.lastIndexOf("*"))) as Record<string, unknown>;
      this.signer.hear(message);
      if ("answer" in message) this.answers.push(`${message.result ?? message.error}`);
      if (!("record" in message)) return;
      const record = readRecord(Buffer.from(message.record as string, "base64"));
      const known = this.records.get(record.sequence);
      if (known) expect(record).toEqual(known);
      this.records.set(record.sequence, record);
    });
    this.breakChip(pageBytes, damage);
    this.start();
  }

  /** From now on. */
  damage(pages: readonly number[]): void {
    for (const page of pages) this.damaged.add(page);
  }

  start(): void {
    this.world.powerOn();
    this.pass(1000);
    if (readScreen(this.world.panel).shows("无人在岗")) {
      this.world.presentBadge(CLERK_BADGE);
      this.pass(5000);
    }
  }

  /** A citizen is asked, and presses. */
  serve(): void {
    const transaction = `T-${++this.count}`;
    this.say({ id: this.count, do: "invite", transaction });
    this.pass(2000);
    this.world.setKey("key5", true);
    this.pass(150);
    this.world.setKey("key5", false);
    this.pass(500);
    if (this.shows("谢谢")) this.thanked.push(transaction);
    this.pass(5000);
  }

  shows(text: string): boolean {
    return readScreen(this.world.panel).shows(text);
  }

  ratings(): string[] {
    return [...this.records.values()].flatMap((record) => (record.type === "session" && record.outcome === "rated" ? [record.transaction] : []));
  }

  pass(ms: number): void {
    this.world.advanceTo(this.world.clock.nowMs + ms);
    for (let before = -1; before !== this.records.size; ) {
      before = this.records.size;
      if (before > 0) this.say(this.signer.acknowledgement(Math.max(...this.records.keys())));
    }
  }

  private say(command: object): void {
    this.world.sendFromHost(encodeLine(command, crcOf));
  }

  private breakChip(pageBytes: number, damage: Damage): void {
    const { flash } = this.world;
    const write = flash.write.bind(flash);
    const erase = flash.erase.bind(flash);
    const spoil = (offset: number, before: Uint8Array, after: (old: number, now: number, place: number) => number): void => {
      if (!this.damaged.has(Math.floor(offset / pageBytes))) return;
      before.forEach((old, i) => {
        flash.bytes[offset + i] = after(old, flash.bytes[offset + i] as number, offset + i);
      });
    };
    flash.write = (offset, data) => {
      const before = flash.bytes.slice(offset, offset + data.length);
      write(offset, data);
      spoil(offset, before, damage.write ?? ((_, now) => now));
    };
    flash.erase = (page) => {
      const before = flash.bytes.slice(page * pageBytes, (page + 1) * pageBytes);
      erase(page);
      const { erase: after } = damage;
      spoil(page * pageBytes, before, after ? (old, _, place) => after(old, place) : (_, now) => now);
    };
  }
}

// As an Espruino WiFi and an ESP32, and a Pico, with shorter pages, so that the rings go round.
const SEVERAL = [
  [3, 2048],
  [12, 1024],
] as const;
const EVERY = [[1, 4096], ...SEVERAL] as const;
const CASES = Object.entries(DAMAGES);

describe.each(sampleOf(CASES, 2))("A page that %s", (_, damage) => {
  it.each(SEVERAL)("is worked around, and the host hears of it, where there are others, of %i pages of %i bytes", (pageCount, pageBytes) => {
    const hall = new Hall(pageCount, pageBytes, damage);
    hall.serve();
    hall.damage([1]);
    for (let i = 0; i < (2.5 * pageCount * pageBytes) / SLOT_BYTES; i++) {
      hall.serve();
      expect(hall.shows("评议卡")).toBe(false);
    }
    expect(hall.thanked).toHaveLength(new Set(hall.thanked).size);
    expect(hall.ratings()).toEqual(hall.thanked);
    expect(hall.answers.every((answer) => answer === "ok")).toBe(true);
    expect([...hall.records.values()]).toContainEqual(expect.objectContaining({ type: "faultBegan", fault: "flash", detail: "page 1 failed, " }));
    const { problems } = readFlashImage(hall.world.flash.bytes, hall.world.board.flash, { key: SIMULATED_KEY });
    expect(problems).toEqual([]);
  });

  it.each(EVERY)("sends citizens to the paper card when none is left, and loses nothing, of %i pages of %i bytes", (pageCount, pageBytes) => {
    const hall = new Hall(pageCount, pageBytes, damage);
    hall.serve();
    hall.damage(Array.from({ length: pageCount }, (_, page) => page));
    for (let i = 0; i < (2 * pageCount * pageBytes) / SLOT_BYTES && !hall.shows("评议卡"); i++) hall.serve();
    expect(hall.shows("请使用")).toBe(true);
    expect(hall.shows("评议卡")).toBe(true);
    const served = hall.thanked.length;
    hall.serve();
    expect(hall.answers.at(-1)).toBe("paperCard");
    expect(hall.thanked).toHaveLength(served);
    expect(hall.ratings()).toEqual(hall.thanked);
    // So it is after a restart, too.
    hall.world.powerOff();
    hall.start();
    hall.serve();
    expect(hall.shows("评议卡")).toBe(true);
    expect(hall.ratings()).toEqual(hall.thanked);
  });
});
