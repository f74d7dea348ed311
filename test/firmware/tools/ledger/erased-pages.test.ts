// Pages of a ledger that are erased though their turn had not come, in rings that the terminal's own ledger has written.

import { describe, expect, it } from "vitest";
import type { Ledger } from "../../../../firmware/ledger/ledger.js";
import { RecordType } from "../../../../firmware/ledger/records.js";
import { erasedEarly, type FoundPage } from "../../../../firmware/tools/ledger/erased-pages.js";
import { type LedgerImage, readFlashImage } from "../../../../firmware/tools/ledger/ledger-reader.js";
import { flashOver, NorFlash } from "../../../../sim/chips/nor-flash.js";
import { startLedger } from "../../../../sim/powercut/device.js";
import { SIMULATED_KEY } from "../../../../sim/world/simulated-key.js";

const GEOMETRY = { pageBytes: 1024, pageCount: 5, alignBytes: 4 };
const SLOTS = GEOMETRY.pageBytes / 64 - 1;

interface Ring {
  readonly chip: NorFlash;
  readonly ledger: Ledger;
}

/** @param count of records, one a slot @param stored how many of them the host has */
function ringWith(count: number, stored: number): Ring {
  const chip = new NorFlash(GEOMETRY, () => undefined);
  const ledger = startLedger(flashOver(chip), () => 7);
  for (let i = 1; i <= count; i++) {
    ledger.acknowledge(Math.min(i - 1, stored));
    expect(ledger.append(RecordType.SignOut, i * 1000, 0, '"1024","",0')).toBe("ok");
  }
  return { chip, ledger };
}

function erase({ chip }: Ring, ...pages: readonly number[]): void {
  for (const page of pages) chip.bytes.fill(255, page * GEOMETRY.pageBytes, (page + 1) * GEOMETRY.pageBytes);
}

function read({ chip }: Ring): LedgerImage {
  return readFlashImage(chip.bytes, GEOMETRY, { key: SIMULATED_KEY });
}

function wordsOf(ring: Ring): string[] {
  return read(ring).problems.map(({ words }) => words);
}

describe("A ring that has not gone round", () => {
  it("whose first page is erased is not in order: its first records are named, with what the host has of them", () => {
    const ring = ringWith(3 * SLOTS, 3 * SLOTS);
    expect(wordsOf(ring)).toEqual([]);
    erase(ring, 0);
    expect(read(ring).problems).toEqual([
      {
        kind: "removed",
        sequence: 1,
        last: SLOTS,
        words:
          "Records 1 to 15 are missing at the beginning: page 0 was erased before the ring came round. The host has them. Somebody erased it, or the flash has forgotten.",
      },
    ]);
    expect(read(ring).verified).toBe(2 * SLOTS);
  });

  it("tells of what the host has nothing, or a part", () => {
    const [none, part] = [ringWith(3 * SLOTS, 0), ringWith(3 * SLOTS, 8)];
    for (const ring of [none, part]) erase(ring, 0);
    expect(wordsOf(none).join()).toContain(" The host has none of them. ");
    expect(wordsOf(part).join()).toContain(" The host has those up to 8. ");
  });

  it("whose first pages are erased, all but the newest", () => {
    const ring = ringWith(3 * SLOTS, 3 * SLOTS);
    erase(ring, 0, 1);
    expect(wordsOf(ring)).toEqual([expect.stringMatching(/^Records 1 to 30 are missing at the beginning: pages 0, 1 were erased /)]);
  });

  it("gives no number twice at its next start, and tells the host of each record that it has lost", () => {
    const ring = ringWith(3 * SLOTS, 8);
    erase(ring, 0);
    const ledger = startLedger(flashOver(ring.chip), () => 8);
    expect([ledger.logId(), ledger.last(), ledger.acknowledged()]).toEqual([ring.ledger.logId(), 3 * SLOTS, 8]);
    expect(ledger.read(9)).toBeUndefined();
    expect(ledger.read(SLOTS + 1)?.sequence).toBe(SLOTS + 1);
  });
});

describe("A ring that has gone round", () => {
  it("may have one page erased, the one that it takes next, and no other", () => {
    const ring = ringWith(7 * SLOTS, 7 * SLOTS);
    ring.ledger.acknowledge(7 * SLOTS);
    // The newest page is 1, and the next one 2.
    expect(wordsOf(ring)).toEqual([]);
    ring.ledger.tidy(true);
    expect(read(ring).records[0]?.sequence).toBe(3 * SLOTS + 1);
    expect(wordsOf(ring)).toEqual([]);
    erase(ring, 3);
    expect(wordsOf(ring)).toEqual([
      expect.stringMatching(/^Records before 61 are missing at the beginning: page 3 was erased .* The host has them\. /),
    ]);
  });
});

describe("Pages that have failed", () => {
  const page = (order: number | undefined, rest: FoundPage["rest"] = "erased"): FoundPage => ({ order, rest });

  it("are not accused, and those before them are", () => {
    expect(erasedEarly([page(undefined), page(undefined, "failed"), page(2), page(3), page(undefined)])).toEqual({ pages: [0], isBeginning: true });
    expect(erasedEarly([page(6), page(undefined, "failed"), page(3), page(4), page(5)])).toEqual({ pages: [], isBeginning: false });
    expect(erasedEarly([page(6), page(undefined), page(undefined, "failed"), page(4), page(5)])).toEqual({ pages: [], isBeginning: false });
    // What stands in page 1 may be one that failed, or the first one in use.
    expect(erasedEarly([page(undefined), page(undefined, "other"), page(3), page(4), page(undefined)])).toEqual({ pages: [0], isBeginning: false });
  });

  it("that take no write look erased, and are known by the record of their fault", () => {
    const chip = new NorFlash(GEOMETRY, () => undefined);
    const flash = flashOver(chip);
    const dead = { ...flash, write: (offset: number, data: Uint8Array) => (Math.floor(offset / 1024) === 2 ? "failed" : flash.write(offset, data)) };
    const ledger = startLedger(dead as typeof flash, () => 7);
    for (let i = 1; i <= 5 * SLOTS; i++) {
      ledger.acknowledge(i - 1);
      if (i === 2 * SLOTS + 5) ledger.append(RecordType.FaultBegan, 0, 0, JSON.stringify(["flash", ledger.flaws()]).slice(1, -1));
      else ledger.append(RecordType.SignOut, i * 1000, 0, '"1024","",0');
    }
    ledger.acknowledge(5 * SLOTS);
    ledger.tidy(true);
    const ring = { chip, ledger };
    // Page 0 is the newest, page 1 is erased as the next one, and page 2 takes nothing.
    expect(read(ring).records[0]?.sequence).toBe(2 * SLOTS + 1);
    expect(wordsOf(ring)).toEqual([]);
  });
});
