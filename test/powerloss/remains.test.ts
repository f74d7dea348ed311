// What a power cut leaves in flash is no damage: the reader must not raise the alarm over it, and over damage it must.

import { describe, expect, it } from "vitest";
import { RecordType } from "../../firmware/ledger/records.js";
import { type Cut, cutOfName } from "../../sim/chips/cut-models.js";
import { flashOver, NorFlash, PowerCut } from "../../sim/chips/nor-flash.js";
import { readImage, startLedger } from "../../sim/powercut/device.js";

const RING = { pageBytes: 512, pageCount: 2, alignBytes: 8 };

/** A log with two records, whose power goes in an operation of what comes then. */
function cutIn(operation: number, cut: string, act: "append" | "tidy"): NorFlash {
  const chip = new NorFlash(RING, () => undefined);
  const ledger = startLedger(flashOver(chip), () => 7);
  const records = act === "tidy" ? 8 : 2;
  for (let i = 0; i < records; i++) ledger.append(RecordType.SignOut, 0, 0, '"1024","",0');
  ledger.acknowledge(records);
  chip.cutAt({ operations: operation, choose: () => cutOfName(cut) as Cut });
  expect(() => (act === "tidy" ? ledger.tidy(true) : ledger.append(RecordType.SignOut, 0, 0, '"1024","",0'))).toThrow(PowerCut);
  return chip;
}

describe("A power cut is no damage to the reader", () => {
  it("where the commit mark is whole, and the CRC beside it is not", () => {
    // Every second bit that should clear. All that is left of the mark is one bit, but for the CRC.
    const { bytes } = cutIn(1, "bits-0-2", "append");
    expect(readImage(bytes, RING)).toMatchObject({ problems: [], records: [{ sequence: 1 }, { sequence: 2 }] });
  });

  it("where a page was about to be erased, and of its header the first bits have cleared", () => {
    for (const cut of ["bits-0-0", "bits-0-1", "bits-0-2", "bits-0-3", "units-0-0", "units-1-0"]) {
      expect(readImage(cutIn(0, cut, "tidy").bytes, RING).problems, cut).toEqual([]);
    }
  });
});

describe("A record that only lacks the last bit of its commit", () => {
  it("counts, as everything of it had been read back before, to the reader and to the next start", () => {
    // All but the first bit that should clear: it is one of the CRC.
    const chip = cutIn(1, "bits-0-1", "append");
    const expected = { problems: [], flaws: [expect.stringContaining("Record 3 at page 0, slot 3: one bit")], records: [{}, {}, { sequence: 3 }] };
    expect(readImage(chip.bytes, RING)).toMatchObject(expected);
    chip.cutAt(undefined);
    const ledger = startLedger(flashOver(chip), () => 8);
    expect([ledger.last(), ledger.flaws()]).toEqual([3, "slot 0.3, "]);
    ledger.append(RecordType.SignOut, 0, 0, '"1024","",0');
    expect(readImage(chip.bytes, RING)).toMatchObject({ problems: [], records: [{}, {}, { sequence: 3 }, { sequence: 4 }] });
  });
});

describe("Damage is no power cut to the reader", () => {
  it("where two bits of a record have changed", () => {
    const chip = new NorFlash(RING, () => undefined);
    const ledger = startLedger(flashOver(chip), () => 7);
    for (let i = 0; i < 3; i++) ledger.append(RecordType.SignOut, 0, 0, '"1024","",0');
    const place = Buffer.from(chip.bytes).indexOf("1024");
    chip.bytes[place] = (chip.bytes[place] as number) ^ 3;
    expect(readImage(chip.bytes, RING).problems.length).toBeGreaterThan(0);
  });
});
