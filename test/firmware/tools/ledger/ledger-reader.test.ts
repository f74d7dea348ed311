// The ledger's reader and its writer know nothing of each other but FORMAT.md: here they meet, in its examples and over flash images of every kind.

import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ledger, type LedgerParts, openLedger } from "../../../../firmware/ledger/ledger.js";
import {
  type LedgerGeometry,
  OUTCOMES,
  RECORD_FIELDS,
  readFlashImage,
  readRecord,
  verifyRecords,
} from "../../../../firmware/tools/ledger/ledger-reader.js";
import { mended } from "../../../../firmware/tools/ledger/record-reader.js";
import { keyFile } from "../../../../firmware/tools/provision/site.js";
import { flashOver, NorFlash, PowerCut } from "../../../../sim/chips/nor-flash.js";
import { encodeHeader, encodeLog, encodeRecords, headOf, macOf, type RecordText, sealCrc, u32 } from "../../ledger/ledger-encoder.js";

const FORMAT = readFileSync(new URL("../../../../firmware/ledger/FORMAT.md", import.meta.url), "utf8");
const LOG_ID = 3777279546;
const KEY = Buffer.from("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "hex");
const RING: LedgerGeometry = { pageBytes: 1024, pageCount: 4 };
const UNTIL_2026 = 1_772_411_403;

function createFlash(geometry: LedgerGeometry = RING): NorFlash {
  return new NorFlash({ ...geometry, alignBytes: 4 }, () => undefined);
}

function open(chip: NorFlash): Ledger {
  const parts: LedgerParts = {
    flash: flashOver(chip),
    crc32: (data) => crc32(typeof data === "string" ? Buffer.from(data, "latin1") : data),
    sha256: (data) => Uint8Array.from(createHash("sha256").update(data).digest()),
    toBytes: (text) => Uint8Array.from(Buffer.from(text, "latin1")),
  };
  return openLedger(parts, keyFile(KEY).toString("latin1"), () => LOG_ID);
}

function examples(kind: string): Buffer[] {
  return [...FORMAT.matchAll(new RegExp(`\`\`\`hex ${kind}\n([\\s\\S]*?)\`\`\``, "g"))].map((match) =>
    Buffer.from((match[1] as string).replace(/\s/g, ""), "hex"),
  );
}

describe("The examples in FORMAT.md", () => {
  const geometry: LedgerGeometry = { pageBytes: 256, pageCount: 2 };
  const [header, secondHeader] = examples("header") as [Buffer, Buffer];
  const records = examples("record") as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const [first, second, begun, long, totals] = records;
  const texts: readonly RecordText[] = [
    { type: 2, text: '"1024","W26:1A2B3C",""', uptimeMs: 1050 },
    { type: 4, text: '"1024","T-2041",0,5,1000', uptimeMs: 3060, wallSeconds: UNTIL_2026, backlog: 1 },
    { type: 4, text: '"1024","T-2042",4,0,0', uptimeMs: 63060, wallSeconds: UNTIL_2026 + 60, begun: 16 },
    { type: 8, text: '"config","timeoutMs: 5000 to 120000, and it is 1"', uptimeMs: 1230, backlog: 3 },
    { type: 22, text: '"2026-03 1024",0,0,0,0,1', uptimeMs: 4560, wallSeconds: UNTIL_2026 + 120, backlog: 4 },
  ];
  const image = Buffer.alloc(512, 255);
  Buffer.concat([header, first, second, begun, secondHeader, long, totals]).copy(image);

  it("are read as the text beside them says, and verify", () => {
    expect(readFlashImage(image, geometry, { key: KEY, head: headOf(totals) })).toEqual({
      logId: LOG_ID,
      acknowledged: 0,
      tornSlots: 0,
      flaws: [],
      problems: [],
      verified: 5,
      head: "found",
      scope: "The chain proves 5 of 5 records.",
      records: [
        {
          sequence: 1,
          type: "signIn",
          staff: "1024",
          badge: "W26:1A2B3C",
          punctuality: "",
          uptimeMs: 1050,
          wallSeconds: undefined,
          backlog: 0,
          mac: "238fde64",
        },
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
          mac: "1251c315",
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
          mac: "f5125948",
        },
        {
          sequence: 4,
          type: "faultBegan",
          fault: "config",
          detail: "timeoutMs: 5000 to 120000, and it is 1",
          uptimeMs: 1230,
          wallSeconds: undefined,
          backlog: 3,
          mac: "9c6faf3a",
        },
        {
          sequence: 5,
          type: "totals",
          row: "2026-03 1024",
          rated1: 0,
          rated2: 0,
          rated3: 0,
          rated4: 0,
          rated5: 1,
          timeouts: 0,
          cancelled: 0,
          staffLeft: 0,
          notInvited: 0,
          cards: 0,
          voided: 0,
          uptimeMs: 4560,
          wallSeconds: Date.parse("2026-03-02T00:32:03Z") / 1000,
          backlog: 4,
          mac: "b12b8d21",
        },
      ],
    });
  });

  it("are what the tests of the reader write", () => {
    expect(encodeRecords(KEY, LOG_ID, texts).map((record) => record.toString("hex"))).toEqual(records.map((record) => record.toString("hex")));
    const sealed = encodeHeader(1, 1, 0, LOG_ID, u32(LOG_ID), 0).fill(0, 32, 40);
    expect(sealed.toString("hex")).toBe(header.toString("hex"));
    expect(encodeHeader(2, 4, 0, LOG_ID, macOf(begun), 1).toString("hex")).toBe(secondHeader.toString("hex"));
  });

  it("have the MACs of the bytes that the text beside them names", () => {
    const mac = (before: string, record: Buffer): string =>
      createHmac("sha256", KEY).update(Buffer.from(before, "hex")).update(record.subarray(0, 52)).digest("hex").slice(0, 8);
    expect(mac("3AB624E1", first)).toBe("238fde64");
    expect(mac("238FDE64", second)).toBe("1251c315");
    expect(FORMAT).toContain(`The device key is \`${KEY.toString("hex").toUpperCase()}\``);
  });

  it("verify as records that a host has stored, too", () => {
    expect(verifyRecords(records, { key: KEY, logId: LOG_ID, head: headOf(totals) })).toMatchObject({ problems: [], verified: 5, head: "found" });
    expect(verifyRecords(records.slice(2), { key: KEY, logId: LOG_ID, previous: headOf(second) })).toMatchObject({ problems: [], verified: 3 });
  });

  it("are what the firmware writes, byte by byte", () => {
    const chip = createFlash(geometry);
    let ledger = open(chip);
    ledger.append(2, 1050, 0, '"1024","W26:1A2B3C",""');
    ledger.append(4, 3060, UNTIL_2026, '"1024","T-2041",0,5,1000');
    ledger.begin(4, 63060, UNTIL_2026 + 60, '"1024","T-2042",');
    ledger = open(chip);
    ledger.append(8, 1230, 0, '"config","timeoutMs: 5000 to 120000, and it is 1"');
    ledger.append(22, 4560, UNTIL_2026 + 120, '"2026-03 1024",0,0,0,0,1');
    expect(Buffer.from(chip.bytes).toString("hex")).toBe(image.toString("hex"));
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
  const RECORDS = [10, 60, 120, 200].map(
    (length) => encodeRecords(Buffer.alloc(32, 7), 5, [{ type: 6, text: `"${"x".repeat(length)}"` }])[0] as Buffer,
  );

  it.each(RECORDS.map((record) => [record.length, record] as const))("of %d bytes is mended of any one bit, and of no more", (length, record) => {
    const flipped = (bytes: Buffer, bit: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
      return copy;
    };
    expect(mended(record)).toBe(undefined);
    for (let bit = 0; bit < length * 8; bit++) {
      const harmed = flipped(record, bit);
      expect(mended(harmed)?.equals(record), `bit ${bit}`).toBe(true);
      // Bits beside each other, far from each other, and in text, CRC and mark.
      for (const other of [bit + 1, bit + 77, length * 8 - 1 - bit, length * 8 - 40, length * 8 - 5]) {
        if (other < length * 8 && other !== bit) expect(mended(flipped(harmed, other)), `bits ${bit} and ${other}`).toBe(undefined);
      }
    }
  });

  const [, session] = examples("record") as [Buffer, Buffer];
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = Buffer.from(session);
    change(bytes);
    return bytes;
  };
  const sealed = (change: (bytes: Buffer) => void): Buffer => sealCrc(changed(change));

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
  const pauses = (count: number): RecordText[] => Array.from({ length: count }, (_, i) => ({ type: 5, text: `"${i + 1}","brief",""`, backlog: 1 }));
  const written = (count: number): ReturnType<typeof encodeLog> => encodeLog({ key: KEY, logId: LOG_ID, ...RING }, pauses(count));
  /** What is said of an image, with the key and without. */
  const saidOf = (image: Uint8Array, key?: Uint8Array): string[] => readFlashImage(image, RING, { key }).problems.map(({ words }) => words);

  it("that is blank has no log and no records", () => {
    const image = Buffer.alloc(4096, 255);
    expect(readFlashImage(image, RING)).toEqual({
      logId: undefined,
      records: [],
      acknowledged: 0,
      tornSlots: 0,
      flaws: [],
      problems: [],
      verified: undefined,
      head: "notGiven",
      scope: "There is no log: no page is in use.",
    });
    expect(readFlashImage(image, RING, { key: KEY, head: { sequence: 3, mac: "00000000" } })).toMatchObject({
      problems: [{ kind: "missing", sequence: 1, last: 3 }],
      head: "missing",
    });
  });

  it("of another size than its geometry is refused", () => {
    expect(() => readFlashImage(new Uint8Array(64), RING)).toThrow("not 4 pages of 1024");
  });

  it("is read in the order of the ring, however often it went round", () => {
    for (let count = 1; count <= 150; count += 7) {
      const { image, records } = written(count);
      const newest = records[count - 1] as Buffer;
      const read = readFlashImage(image, RING, { key: KEY, head: headOf(newest) });
      expect(read).toMatchObject({ problems: [], verified: read.records.length, head: "found", acknowledged: Math.max(count - 2, 0) });
      expect(read.records.map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: read.records.length }, (_, i) => count + 1 - read.records.length + i),
      );
    }
  });

  it("may have overwritten the newest record that the host knows, and says so", () => {
    const { image, records } = written(100);
    const oldest = readFlashImage(image, RING).records[0]?.sequence as number;
    expect(readFlashImage(image, RING, { key: KEY, head: headOf(records[3] as Buffer) })).toMatchObject({ problems: [], head: "overwritten" });
    // Of the record just before the oldest the header of the oldest page has the MAC.
    const justBefore = headOf(records[oldest - 2] as Buffer);
    expect(readFlashImage(image, RING, { key: KEY, head: justBefore })).toMatchObject({ problems: [], head: "overwritten" });
    const another = { ...justBefore, mac: "00000000" };
    expect(readFlashImage(image, RING, { key: KEY, head: another }).problems).toMatchObject([{ kind: "missing", sequence: oldest - 1 }]);
  });

  it("without a key says that nothing was verified", () => {
    const { image } = written(3);
    expect(readFlashImage(image, RING)).toMatchObject({
      verified: undefined,
      problems: [],
      scope: "Nothing was verified beyond the CRC of 3 records: that takes the device key.",
    });
    expect(readFlashImage(image, RING, { key: KEY }).scope).toBe(
      "The chain proves 3 of 3 records. Whether newer ones were cut off takes a head: number and MAC of the newest record that the host has.",
    );
  });

  it("with records of every length is read like any other", () => {
    const lengths = [0, 36, 37, 100, 101, 164, 165, 228];
    const texts = lengths.map((length): RecordText => ({ type: 99, text: "1".repeat(length) }));
    const read = readFlashImage(encodeLog({ key: KEY, logId: LOG_ID, ...RING }, texts).image, RING, { key: KEY });
    expect(read).toMatchObject({ problems: [], verified: lengths.length });
    expect(read.records.map((record) => (record.type === "unknown" ? record.values : []))).toEqual(
      lengths.map((length) => (length > 0 ? [Number("1".repeat(length))] : [])),
    );
  });

  it("with a damaged record says where it is, and blames no other", () => {
    const { image } = written(3);
    image[2 * 64 + 17] = 0;
    const words = "Record 2 at page 0, slot 2 was changed or damaged: its CRC is wrong.";
    expect(saidOf(image)).toEqual([words]);
    expect(saidOf(image, KEY)).toEqual([words]);
  });

  it("with an erased record says that its number is missing, and what that leaves without proof", () => {
    const { image } = written(4);
    image.fill(255, 128, 192);
    const missing = "Record 2 is missing behind record 1: it was removed, or its slot was destroyed.";
    expect(saidOf(image)).toEqual([missing]);
    expect(saidOf(image, KEY)).toEqual([missing, "Record 3 cannot be verified: the MAC of the record before is not known."]);
    expect(readFlashImage(image, RING, { key: KEY }).verified).toBe(2);
  });

  it("with a record whose fields are not what its type has says so", () => {
    const texts = [...pauses(1), { type: 5, text: '7,"brief",""' }];
    expect(saidOf(encodeLog({ key: KEY, logId: LOG_ID, ...RING }, texts).image, KEY)).toEqual([
      "Record 2 at page 0, slot 2 cannot be read: field 1 (staff) of a pauseBegan is 7, and should be a string.",
    ]);
  });

  it("with a page of another log says so", () => {
    const { image } = written(20);
    image.writeUInt32LE(7, 20);
    sealCrc(image.subarray(0, 64));
    expect(saidOf(image)[0]).toBe(`Page 0: it belongs to log 7, and the newest page to log ${LOG_ID}.`);
  });

  it("with a page from an earlier round of the ring says which records are missing for it", () => {
    const { image, history } = written(100);
    (history[30] as Buffer).copy(image, 0, 0, 1024);
    expect(saidOf(image, KEY)).toEqual(["Records 61 to 75 are missing behind record 60: they were removed, or their slots were destroyed."]);
  });

  it("with a page that failed with its header still there is read without it", () => {
    const { image, records } = encodeLog({ key: KEY, logId: LOG_ID, ...RING, retired: [1] }, pauses(80));
    const before = encodeLog({ key: KEY, logId: LOG_ID, ...RING }, pauses(20));
    before.image.copy(image, 1024, 1024, 2048);
    expect(readFlashImage(image, RING, { key: KEY, head: headOf(records[79] as Buffer) })).toMatchObject({
      problems: [],
      head: "found",
      verified: 35,
    });
  });

  it("with what is left of a write that failed, whose record stands behind it, does not complain", () => {
    const { image, records } = written(4);
    const failed = Buffer.from(records[3] as Buffer);
    failed.writeUInt8(0, 30);
    failed.copy(image, 4 * 64);
    (records[3] as Buffer).copy(image, 5 * 64);
    expect(saidOf(image, KEY)).toEqual([]);
    expect(saidOf(image)).toEqual([]);
  });

  it("with slots that a power cut or a failed write left counts them, and does not complain", () => {
    const texts = pauses(40).map((text, i) => ({ ...text, torn: i % 5 === 2 }));
    const { image, records } = encodeLog({ key: KEY, logId: LOG_ID, ...RING }, texts);
    const read = readFlashImage(image, RING, { key: KEY, head: headOf(records[39] as Buffer) });
    expect(read).toMatchObject({ problems: [], head: "found", tornSlots: 8, verified: 40 });
  });

  it("with retired pages is read without them, whatever their headers hold", () => {
    const { image, records } = encodeLog({ key: KEY, logId: LOG_ID, ...RING, retired: [1, 3] }, pauses(70));
    const evidence = { key: KEY, head: headOf(records[69] as Buffer) };
    expect(readFlashImage(image, RING, evidence)).toMatchObject({ problems: [], head: "found" });
    // A header that was never whole, over records from an earlier time.
    (records[3] as Buffer).copy(image, 1024 + 64);
    encodeHeader(9, 200, 0, LOG_ID, u32(7)).copy(image, 3072);
    image.writeUInt8(0, 3072 + 50);
    expect(readFlashImage(image, RING, evidence)).toMatchObject({ problems: [], head: "found" });
  });

  it("whose newest page lost its header says which records that hides", () => {
    const { image } = written(50);
    image.fill(0, 3072, 3080);
    expect(saidOf(image, KEY)).toEqual([
      "Page 3: it was in use behind page 2, and its header is lost, so newer records than these are lost or cannot be placed.",
      "Records 46 to 50 stand in page 3, whose header was destroyed.",
    ]);
  });
});

describe("What the firmware wrote", () => {
  it("is read in the order of the ring, however often it went round, and verifies", () => {
    const chip = createFlash();
    const ledger = open(chip);
    for (let i = 1; i <= 100; i++) {
      expect(ledger.append(5, i * 10, 0, `"${i}","brief",""`)).toBe("ok");
      ledger.acknowledge(i - 1);
    }
    const { records, acknowledged, problems, verified } = readFlashImage(chip.bytes, RING, { key: KEY });
    expect(problems).toEqual([]);
    expect(verified).toBe(records.length);
    expect(acknowledged).toBe(98);
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: records.length }, (_, i) => 101 - records.length + i));
    expect(records[records.length - 1]).toMatchObject({ type: "pauseBegan", staff: "100", uptimeMs: 1000, backlog: 1 });
  });

  it("agrees with what it says itself, and verifies, whatever was written and whenever the power went", () => {
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
        const newest = ledger.read(ledger.last());
        const head = newest && headOf(Buffer.from(newest.bytes));
        const { records, problems, acknowledged } = readFlashImage(chip.bytes, RING, { key: KEY, head });
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

  it("and a power cut interrupted is counted, and not complained of", () => {
    const chip = createFlash();
    open(chip).append(5, 0, 0, '"1024","brief",""');
    chip.cutAt({ operations: 0, bytes: 30 });
    expect(() => open(chip).append(5, 0, 0, '"1024","brief",""')).toThrow(PowerCut);
    chip.cutAt(undefined);
    open(chip).append(6, 0, 0, '"1024",5,"brief"');
    expect(readFlashImage(chip.bytes, RING, { key: KEY })).toMatchObject({
      tornSlots: 1,
      problems: [],
      records: [{ sequence: 1 }, { sequence: 2, seconds: 5 }],
    });
  });
});
