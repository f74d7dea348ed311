// The ledger's reader and its writer know nothing of each other but FORMAT.md: here they meet, in its examples and over flash images of every kind.

import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ledger } from "../../firmware/ledger/ledger.js";
import { type LedgerGeometry, OUTCOMES, RECORD_FIELDS, readFlashImage, readRecord } from "../../firmware/tools/ledger-reader.js";
import { flashOver, NorFlash, PowerCut } from "../../sim/chips/nor-flash.js";
import { openSimulatedLedger } from "../../sim/simulated-key.js";

const FORMAT = readFileSync(new URL("../../firmware/ledger/FORMAT.md", import.meta.url), "utf8");
const LOG_ID = 3777279546;
const RING: LedgerGeometry = { pageBytes: 1024, pageCount: 4 };
const UNTIL_2026 = 1_772_411_403;

function createFlash(geometry: LedgerGeometry = RING): NorFlash {
  return new NorFlash({ ...geometry, alignBytes: 4 }, () => undefined);
}

function open(chip: NorFlash): Ledger {
  return openSimulatedLedger(flashOver(chip), () => LOG_ID);
}

function examples(kind: string): Buffer[] {
  return [...FORMAT.matchAll(new RegExp(`\`\`\`hex ${kind}\n([\\s\\S]*?)\`\`\``, "g"))].map((match) =>
    Buffer.from((match[1] as string).replace(/\s/g, ""), "hex"),
  );
}

describe("The examples in FORMAT.md", () => {
  const [header] = examples("header") as [Buffer];
  const [first, second] = examples("record") as [Buffer, Buffer];
  const [begun] = examples("begun") as [Buffer];

  it("are read as the text beside them says", () => {
    const image = Buffer.alloc(RING.pageBytes * RING.pageCount, 255);
    Buffer.concat([header, first, second, begun]).copy(image);
    expect(readFlashImage(image, RING)).toEqual({
      logId: LOG_ID,
      acknowledged: 0,
      tornSlots: 0,
      problems: [],
      records: [
        { sequence: 1, type: "signIn", staff: "1024", badge: "W26:1A2B3C", punctuality: "", uptimeMs: 1050, wallSeconds: undefined, backlog: 0 },
        {
          sequence: 2,
          type: "session",
          staff: "1024",
          transaction: "T-2041",
          outcome: "rated",
          grade: 5,
          elapsedMs: 1000,
          uptimeMs: 3060,
          wallSeconds: Date.parse("2026-03-02T00:30:03Z") / 1000,
          backlog: 1,
        },
        {
          sequence: 3,
          type: "session",
          staff: "1024",
          transaction: "T-2042",
          outcome: "pending",
          grade: 0,
          elapsedMs: 0,
          uptimeMs: 63060,
          wallSeconds: Date.parse("2026-03-02T00:31:03Z") / 1000,
          backlog: undefined,
        },
      ],
    });
  });

  it("are what the firmware writes, byte by byte", () => {
    const chip = createFlash();
    const ledger = open(chip);
    ledger.append(2, 1050, 0, '"1024","W26:1A2B3C",""');
    ledger.append(4, 3060, UNTIL_2026, '"1024","T-2041",0,5,1000');
    ledger.begin(4, 63060, UNTIL_2026 + 60, '"1024","T-2042",');
    open(chip);
    expect(Buffer.from(chip.read(0, 256)).toString("hex")).toBe(Buffer.concat([header, first, second, begun]).toString("hex"));
  });

  it("name every type of record, its fields, and every outcome", () => {
    for (const [type, fields] of Object.entries(RECORD_FIELDS)) {
      const row = FORMAT.split("\n").find((line) => line.includes(`| \`${type}\` |`));
      expect(row, type).toBeDefined();
      const places = Object.keys(fields).map((field) => row?.indexOf(`\`${field}\``) ?? -1);
      expect(
        places.every((place, i) => place > (places[i - 1] ?? 0)),
        type,
      ).toBe(true);
    }
    for (const [number, outcome] of OUTCOMES.entries()) expect(FORMAT).toContain(`| ${number} | \`${outcome}\` |`);
  });
});

describe("One record", () => {
  const [, session] = examples("record") as [Buffer, Buffer];
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(session);
    change(bytes);
    return bytes;
  };
  const sealed = (change: (bytes: Buffer) => void): Buffer =>
    changed((bytes) => {
      change(bytes);
      bytes.writeUInt32LE(crc32(bytes.subarray(0, -8)), bytes.length - 8);
    });

  it("is read from any part of memory", () => {
    const around = Buffer.concat([Buffer.alloc(3), session]);
    expect(readRecord(new Uint8Array(around.buffer, around.byteOffset + 3, 64)).type).toBe("session");
  });

  it("of a type that is not known keeps its fields", () => {
    const record = readRecord(sealed((bytes) => bytes.writeUInt8(100, 1)));
    expect(record).toMatchObject({ type: "unknown", typeNumber: 100, values: ["1024", "T-2041", 0, 5, 1000] });
  });

  it("with a backlog that is too long to be written says that it does not know it", () => {
    expect(readRecord(sealed((bytes) => bytes.writeUInt16LE(0xffff, 2))).backlog).toBeUndefined();
  });

  it.each([
    ["a wrong CRC", changed((bytes) => bytes.writeUInt8(0x37, 20)), "its CRC is wrong"],
    ["no commit mark", changed((bytes) => bytes.writeUInt8(255, 63)), "it was never committed"],
    ["a wrong number of slots", changed((bytes) => bytes.writeUInt8(9, 0)), "its first byte is 9"],
    ["a wrong length", session.subarray(0, 60), "it has 60 bytes"],
    ["no bytes at all", Buffer.alloc(0), "its first byte is 0"],
    ["fields that are not JSON", sealed((bytes) => bytes.writeUInt8(0x2c, 16)), "its fields are not JSON"],
    ["a number where text should be", sealed((bytes) => bytes.write("10241 ", 16)), "field 1 (staff)"],
    ["an outcome that does not exist", sealed((bytes) => bytes.write("7", 32)), "outcome 7 does not exist"],
  ])("with %s is refused", (_, bytes, message) => {
    expect(() => readRecord(bytes)).toThrow(message);
  });
});

describe("A whole image", () => {
  it("that is blank has no log and no records", () => {
    expect(readFlashImage(createFlash().bytes, RING)).toEqual({ logId: undefined, records: [], acknowledged: 0, tornSlots: 0, problems: [] });
  });

  it("of another size than its geometry is refused", () => {
    expect(() => readFlashImage(new Uint8Array(64), RING)).toThrow("not 4 pages of 1024");
  });

  it("is read in the order of the ring, however often it went round", () => {
    const chip = createFlash();
    const ledger = open(chip);
    for (let i = 1; i <= 100; i++) {
      expect(ledger.append(5, i * 10, 0, `"${i}","brief",""`)).toBe("ok");
      ledger.acknowledge(i - 1);
    }
    const { records, acknowledged, problems } = readFlashImage(chip.bytes, RING);
    expect(problems).toEqual([]);
    expect(acknowledged).toBe(98);
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: records.length }, (_, i) => 101 - records.length + i));
    expect(records[records.length - 1]).toMatchObject({ type: "pauseBegan", staff: "100", uptimeMs: 1000, backlog: 1 });
  });

  it("with records of several slots is read like any other", () => {
    const chip = createFlash();
    const ledger = open(chip);
    const detail = "x".repeat(150);
    ledger.append(8, 0, 0, `"config","${detail}"`);
    ledger.append(9, 0, 0, '"config",""');
    expect(readFlashImage(chip.bytes, RING).records).toMatchObject([
      { type: "faultBegan", detail },
      { type: "faultEnded", sequence: 2 },
    ]);
  });

  it("agrees with the firmware, whatever was written and whenever the power went", () => {
    const step = fc.record({
      length: fc.integer({ min: 0, max: 180 }),
      isAcknowledged: fc.boolean(),
      cutBytes: fc.option(fc.nat(250), { nil: undefined }),
      operations: fc.nat(2),
      begunLength: fc.option(fc.nat(30), { nil: undefined }),
      isItsEnd: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const chip = createFlash();
        let ledger = open(chip);
        for (const { length, isAcknowledged, cutBytes, operations, begunLength, isItsEnd } of steps) {
          if (cutBytes !== undefined) chip.cutAt({ operations, bytes: cutBytes });
          try {
            const head = `"${"y".repeat(begunLength ?? 0)}","",`;
            if (begunLength !== undefined) ledger.begin(4, 0, 0, head);
            if (begunLength !== undefined && isItsEnd) ledger.append(4, 0, 0, `${head}0,5,${length}`);
            else ledger.append(8, 0, 0, `"config","${"x".repeat(length)}"`);
            if (isAcknowledged) ledger.acknowledge(ledger.last());
            ledger.tidy(true);
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            chip.cutAt(undefined);
            ledger = open(chip);
          }
        }
        chip.cutAt(undefined);
        ledger = open(chip);
        const { records, problems, acknowledged } = readFlashImage(chip.bytes, RING);
        expect(problems).toEqual([]);
        expect(records[records.length - 1]?.sequence ?? ledger.last()).toBe(ledger.last());
        expect(acknowledged).toBe(ledger.acknowledged());
        for (const record of records) {
          const stored = ledger.read(record.sequence);
          expect(stored && readRecord(stored.bytes)).toEqual(record);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("with a damaged record says where it is, and that its number is missing", () => {
    const chip = createFlash();
    const ledger = open(chip);
    for (let i = 1; i <= 3; i++) ledger.append(5, 0, 0, '"1024","brief",""');
    chip.bytes[2 * 64 + 17] = 0;
    expect(readFlashImage(chip.bytes, RING).problems).toEqual([
      "page 0, slot 2: a committed record is damaged",
      "page 0, slot 3: record 3 stands where record 2 should",
    ]);
  });

  it("with a page of another log says so", () => {
    const chip = createFlash();
    const ledger = open(chip);
    for (let i = 1; i <= 20; i++) ledger.append(5, 0, 0, '"1024","brief",""');
    const header = Buffer.from(chip.bytes.buffer, 0, 64);
    header.writeUInt32LE(7, 20);
    header.writeUInt32LE(crc32(header.subarray(0, 56)), 56);
    expect(readFlashImage(chip.bytes, RING).problems).toEqual([`page 0: it belongs to log 7, and the newest page to log ${LOG_ID}`]);
  });

  it("counts what a power cut left, and does not complain of it", () => {
    const chip = createFlash();
    open(chip).append(5, 0, 0, '"1024","brief",""');
    chip.cutAt({ operations: 0, bytes: 30 });
    expect(() => open(chip).append(5, 0, 0, '"1024","brief",""')).toThrow(PowerCut);
    chip.cutAt(undefined);
    open(chip).append(6, 0, 0, '"1024",5,"brief"');
    expect(readFlashImage(chip.bytes, RING)).toMatchObject({ tornSlots: 1, problems: [], records: [{ sequence: 1 }, { sequence: 2, seconds: 5 }] });
  });
});
