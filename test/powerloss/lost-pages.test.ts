// Pages of the ledger that are lost again and again while the log goes on, the host acknowledges, and the terminal starts anew: no number is given twice, nothing is
// acknowledged that the host has not acknowledged, and where only a header is lost, every record that waits can still be read.

import { expect, it } from "vitest";
import { board as esp32 } from "../../firmware/boards/esp32.js";
import { board as wifi } from "../../firmware/boards/espruino-wifi.js";
import { board as linux } from "../../firmware/boards/linux.js";
import { board as nor } from "../../firmware/boards/pico-w25q.js";
import type { Ledger } from "../../firmware/ledger/ledger.js";
import { RecordType } from "../../firmware/ledger/records.js";
import { type FlashGeometry, flashOver, NorFlash } from "../../sim/chips/nor-flash.js";
import { randomFrom } from "../../sim/chips/random.js";
import { startLedger } from "../../sim/powercut/device.js";
import { board as fram } from "../boards/pico-fram.js";
import { amount } from "../depth.js";

const LIVES = amount(10, 300, "LOST_PAGES");
const STEPS = 120;
const HEADER_BYTES = 64;
const SLOT_BYTES = 64;
const MAGIC = Buffer.from("CTL1");

/** Rings so small that the log comes round often, and those of boards. */
const RINGS: readonly Pick<FlashGeometry, "pageBytes" | "pageCount">[] = [
  ...[2, 3, 4, 6].map((pageCount) => ({ pageBytes: 512, pageCount })),
  { pageBytes: 256, pageCount: 8 },
  ...[wifi, esp32, linux, nor, fram].map(({ flash }) => flash),
];

/** What becomes of a page. */
const LOSSES = {
  noise: (page: Uint8Array, below: (limit: number) => number) => {
    for (let i = 0; i < page.length; i++) page[i] = below(256);
  },
  header: (page: Uint8Array, below: (limit: number) => number) => LOSSES.noise(page.subarray(0, HEADER_BYTES), below),
  "two bits of its header": (page: Uint8Array, below: (limit: number) => number) => {
    const first = below(HEADER_BYTES * 8);
    for (const bit of [first, (first + 1 + below(HEADER_BYTES * 8 - 1)) % (HEADER_BYTES * 8)])
      page[bit >> 3] = (page[bit >> 3] as number) ^ (1 << (bit & 7));
  },
  erased: (page: Uint8Array) => void page.fill(255),
  cleared: (page: Uint8Array) => void page.fill(0),
};

interface Wanted {
  readonly losses: readonly (keyof typeof LOSSES)[];
  readonly most: number;
  /** Any page may be lost, and not the newest alone. */
  readonly isAnyPage?: boolean;
  /** The terminal may go on before it starts anew. */
  readonly mayGoOn?: boolean;
  readonly hostIsAway?: boolean;
}

/** One life of a ledger whose pages are lost. @returns how often a page was lost @throws Error where a rule is broken */
function live(ring: Pick<FlashGeometry, "pageBytes" | "pageCount">, seed: number, wanted: Wanted): number {
  const random = randomFrom(seed, ring.pageCount);
  const below = (limit: number): number => random() % limit;
  const happened: string[] = [];
  let newest = -1;
  const chip = new NorFlash({ ...ring, alignBytes: 4 }, (kind, offset, data) => {
    if (kind === "write" && offset % ring.pageBytes === 0 && MAGIC.equals(data.subarray(0, 4))) newest = offset / ring.pageBytes;
  });
  let names = 0;
  const start = (): Ledger => startLedger(flashOver(chip), () => ++names);
  const given = new Map<string, Buffer>();
  const stored = new Map<number, number>();
  let ledger = start();
  let losses = 0;
  let isWhole = true;
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) throw new Error(`${what}: ${ring.pageCount} pages of ${ring.pageBytes}, seed ${seed}: ${happened.join("; ")}`);
  };
  const startAgain = (): void => {
    ledger = start();
    happened.push(`start ${ledger.logId()}:${ledger.last()}`);
    check(ledger.acknowledged() <= (stored.get(ledger.logId()) ?? 0), `${ledger.acknowledged()} is acknowledged`);
  };
  const append = (): void => {
    for (let left = 1 + below(below(4) ? 3 : ring.pageBytes / SLOT_BYTES); left > 0; left--) {
      if (ledger.append(RecordType.SignOut, given.size, 0, JSON.stringify("x".repeat(below(150)))) !== "ok") return;
      isWhole = true;
      const name = `${ledger.logId()}:${ledger.last()}`;
      check(!given.has(name), `${name} is given twice`);
      given.set(name, Buffer.from(ledger.read(ledger.last())?.bytes ?? []));
    }
    happened.push(`append ${ledger.last()}`);
  };
  const acknowledge = (): void => {
    const sequence = below(3) ? ledger.last() : ledger.last() - below(ledger.last());
    if (!ledger.acknowledge(sequence)) return;
    stored.set(ledger.logId(), Math.max(sequence, stored.get(ledger.logId()) ?? 0));
    happened.push(`acknowledge ${sequence}`);
  };
  const lose = (): void => {
    const index = wanted.isAnyPage && !below(3) ? below(ring.pageCount) : newest;
    const loss = wanted.losses[below(wanted.losses.length)] as keyof typeof LOSSES;
    const log = ledger.logId();
    LOSSES[loss](chip.bytes.subarray(index * ring.pageBytes, (index + 1) * ring.pageBytes), below);
    happened.push(`page ${index} ${loss}`);
    losses++;
    isWhole = false;
    if (wanted.mayGoOn && below(2)) return;
    startAgain();
    if (!wanted.losses.every((each) => /header/.test(each)) || ledger.logId() !== log) return;
    for (const [name, bytes] of given) {
      const [of, sequence] = name.split(":").map(Number) as [number, number];
      if (of === log && sequence > (stored.get(log) ?? 0))
        check(bytes.equals(ledger.read(sequence)?.bytes ?? bytes.subarray(1)), `${name} is not read`);
    }
  };
  for (let step = 0; step < STEPS; step++) {
    const what = below(100);
    if (what < 55) append();
    else if (what < 75) wanted.hostIsAway || acknowledge();
    else if (what < 82) ledger.tidy(below(2) > 0);
    else if (what < 90) startAgain();
    // Two faults at once are more than is promised.
    else if (newest >= 0 && losses < wanted.most && isWhole) lose();
  }
  return losses;
}

const HEADERS = ["header", "two bits of its header"] as const;
const ALL = Object.keys(LOSSES) as (keyof typeof LOSSES)[];

it.each<[string, Wanted]>([
  ["the newest page, five times", { losses: ALL, most: 5 }],
  ["the newest page, five times, with a host that is away", { losses: ALL, most: 5, hostIsAway: true }],
  ["the newest page, five times, and the terminal goes on before it starts anew", { losses: ["noise", ...HEADERS], most: 5, mayGoOn: true }],
  ["any page, three times", { losses: ["noise", ...HEADERS], most: 3, isAnyPage: true }],
  ["any page, once", { losses: ALL, most: 1, isAnyPage: true }],
  ["the header of the newest page, twice", { losses: HEADERS, most: 2 }],
])("a ledger loses %s", (_, wanted) => {
  let losses = 0;
  for (const ring of RINGS) for (let seed = 1; seed <= LIVES; seed++) losses += live(ring, seed, wanted);
  expect(losses).toBeGreaterThan(LIVES * wanted.most);
});
