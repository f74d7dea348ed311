// npm run ledger over dumps of ledgers that are as they should be and of others.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { board as wifi } from "../../../../firmware/boards/espruino-wifi.js";
import { board as pico } from "../../../../firmware/boards/pico.js";
import { boardNames, readBoard } from "../../../../firmware/tools/build/build.js";
import { cellOf } from "../../../../firmware/tools/ledger/ledger-rows.js";
import { encodeLog, headOf, type RecordText, sealCrc } from "../../ledger/ledger-encoder.js";
import { commandLine, type Ended } from "../command-line.js";

const KEY = Buffer.alloc(32, 0x5a);
const LOG_ID = 3777279546;
const MARCH = Date.parse("2026-03-31T23:59:00+08:00") / 1000;

const texts: readonly RecordText[] = [
  { type: 2, text: '"1024","W26:1A2B3C",""', uptimeMs: 1050 },
  { type: 4, text: '"1024","T-1",0,5,1000', uptimeMs: 3060, wallSeconds: MARCH },
  { type: 4, text: '"00010","T-2",0,2,1500', uptimeMs: 63060, wallSeconds: MARCH + 60 },
  { type: 8, text: '"config","timeoutMs: \\"1\\", and so on"', uptimeMs: 70000, wallSeconds: MARCH + 70 },
];
const { image, records } = encodeLog({ key: KEY, logId: LOG_ID, ...wifi.flash }, texts);
const newest = headOf(records[3] as Buffer);

/** The same with another grade in record 2, and its CRC put right. */
const changed = Buffer.from(image);
changed.write('"1024","T-1",0,1', 128 + 16, "latin1");
sealCrc(changed.subarray(128, 192));

/** More of it: the log goes on in the last page, and the first one is erased, as the next one that the ring takes. */
const later = encodeLog({ key: KEY, logId: LOG_ID, ...wifi.flash }, [
  ...Array.from({ length: 510 }, (): RecordText => ({ type: 2, text: '"1024","W26:1A2B3C",""', uptimeMs: 1050 })),
  ...texts,
]).image;
later.fill(255, 0, wifi.flash.pageBytes);
/** The same with the second page erased as well. */
const erased = Buffer.from(later).fill(255, wifi.flash.pageBytes, 2 * wifi.flash.pageBytes);

/** The boards whose ledgers are as long as that of Linux. */
const LINUX_BYTES = lengthOf("linux");
const ALIKE = boardNames().filter((name) => lengthOf(name) === LINUX_BYTES);

/** Bytes of a board's dump. */
function lengthOf(name: string): number {
  const { pageBytes, pageCount, slotPages } = readBoard(name).flash;
  return pageBytes * (pageCount + slotPages);
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ledger-"));
  writeFileSync(path.join(folder, "good.bin"), image);
  writeFileSync(path.join(folder, "changed.bin"), changed);
  writeFileSync(path.join(folder, "short.bin"), image.subarray(1));
  writeFileSync(path.join(folder, "linux.bin"), Buffer.alloc(LINUX_BYTES, 255));
  writeFileSync(path.join(folder, "pico.bin"), Buffer.alloc(131072, 255));
  writeFileSync(path.join(folder, "later.bin"), later);
  writeFileSync(path.join(folder, "erased.bin"), erased);
  writeFileSync(path.join(folder, "key"), `${KEY.toString("hex")}\n`);
  writeFileSync(path.join(folder, "bad-key"), "1234");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @param words the command line; files are those in the folder */
function argumentsOf(words: string): string[] {
  return words.split(" ").map((word) => (/\.bin$|key$|^nowhere/.test(word) && !word.startsWith("--") ? path.join(folder, word) : word));
}

/** Runs the command. The folder is left out of what it prints. */
async function ledger(words: string): Promise<Ended> {
  const { status, stdout, stderr } = await commandLine(["ledger", ...argumentsOf(words)]);
  const plain = (text: string): string => text.replaceAll(folder + path.sep, "");
  return { status, stdout: plain(stdout), stderr: plain(stderr) };
}

describe("npm run ledger -- check", () => {
  it("says that nothing is wrong, and how far it looked", async () => {
    expect(await ledger(`check good.bin --key key --head ${newest.sequence}:${newest.mac}`)).toEqual({
      status: 0,
      stderr: "",
      stdout: [
        "good.bin: ledger of espruino-wifi, log 3777279546, 4 records",
        `The newest is record 4: its head is 4:${newest.mac}. The host has up to 3.`,
        "The chain proves 4 of 4 records.",
        "nothing is wrong",
        "",
      ].join("\n"),
    });
  });

  it("without a key says that nothing was verified", async () => {
    const { status, stdout } = await ledger("check changed.bin --board espruino-wifi");
    expect(status).toBe(0);
    expect(stdout).toContain("Nothing was verified beyond the CRC of 4 records: that takes the device key.");
    expect(stdout).toMatch(/\nnothing is damaged; whether somebody has changed anything was not checked\n$/);
  });

  it("without a head promises nothing of records that are not there", async () => {
    const { status, stdout } = await ledger("check good.bin --key key");
    expect(status).toBe(0);
    expect(stdout).toContain("Whether newer ones were cut off takes a head");
    expect(stdout).toMatch(/\nnothing is wrong with these records\n$/);
  });

  it.each([
    ["pico", "Either the power went while the only page was erased: then the host has every record, and the terminal begins a new log. Or somebody"],
    [
      "linux",
      "The power cannot do that where there are several pages: somebody erased them, or this is not the flash of a terminal that has ever run.",
    ],
  ])("does not take a flash without a log for one of which nothing is wrong, on %s", async (board, words) => {
    const { status, stdout } = await ledger(`check ${board}.bin --board ${board} --key key`);
    expect(status).toBe(1);
    expect(stdout).toContain(`WRONG: No log is here. ${words}`);
    for (const other of ["export", "totals"]) {
      const { status: otherStatus, stderr } = await ledger(`${other} ${board}.bin --board ${board}`);
      expect(otherStatus).toBe(1);
      expect(stderr).toContain("No log is here.");
    }
  });

  it("names what was changed, for people and for scripts, and ends with 1", async () => {
    const words = "Record 2 at page 0, slot 2 was changed or invented: the MAC in it, for which record 3 vouches, does not fit what it says.";
    const forPeople = await ledger("check changed.bin --key key");
    expect(forPeople.status).toBe(1);
    expect(forPeople.stdout).toContain(`WRONG: ${words}\n1 thing wrong\n`);
    const forScripts = await ledger("check changed.bin --key key --json");
    expect(forScripts.status).toBe(1);
    expect(JSON.parse(forScripts.stdout)).toEqual({
      file: "changed.bin",
      board: "espruino-wifi",
      totals: 0,
      log: LOG_ID,
      records: 4,
      acknowledged: 3,
      tornSlots: 0,
      flaws: [],
      newest,
      verified: 3,
      head: "notGiven",
      scope: expect.stringContaining("The chain proves 3 of 4 records."),
      problems: [{ kind: "changed", sequence: 2, last: 2, words }],
    });
  });

  it("names what was cut off at the end", async () => {
    const { status, stdout } = await ledger("check good.bin --key key --head 6:00000000");
    expect(status).toBe(1);
    expect(stdout).toContain("WRONG: Records 5 to 6 are missing at the end: the host has stored record 6.\n");
    expect(stdout).toContain(`A head belongs to one log. Make sure that the one of the host is of log ${LOG_ID}.\n`);
  });

  it.each([
    ["check nowhere.bin", "nowhere.bin: there is no such file"],
    ["check good.bin --key nowhere", "nowhere: there is no such file"],
    ["check short.bin --board pico", `short.bin has ${image.length - 1} bytes, and the ledger of pico has ${pico.flash.pageBytes}.\n`],
    ["check short.bin", `short.bin has ${image.length - 1} bytes, and no board has a ledger of that length`],
    ["check linux.bin", `linux.bin may come from ${ALIKE.join(" or ")}.`],
    ["check good.bin --board uno", `there is no board "uno": use ${boardNames().join(", ")}`],
    ["check good.bin --key bad-key", "bad-key: holds no device key."],
    ["check good.bin --head 4", "--head 4 is no head."],
    ["totals good.bin --utc-offset east", "--utc-offset east is no offset."],
  ])("refuses %s with a sentence that says what to do", async (words, sentence) => {
    const { status, stdout, stderr } = await ledger(words);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toEqual([
      expect.anything(),
      expect.stringMatching(/^ {2}State: \w.*\.$/),
      expect.stringMatching(/^ {2}To do: [A-Z].*\.$/),
    ]);
  });
});

describe("npm run ledger -- export", () => {
  it("prints a line of JSON for each record", async () => {
    const { status, stdout } = await ledger("export good.bin");
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ sequence: 1, type: "signIn", time: null, staff: "1024" });
    expect(JSON.parse(lines[2] as string)).toEqual({
      sequence: 3,
      type: "session",
      time: "2026-03-31T16:00:00.000Z",
      uptimeMs: 63060,
      backlog: 0,
      staff: "00010",
      transaction: "T-2",
      outcome: "rated",
      grade: 2,
      elapsedMs: 1500,
      mac: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
  });

  it("prints a table, and puts in quotes what would break it", async () => {
    const { status, stdout } = await ledger("export good.bin --format csv");
    expect(status).toBe(0);
    const [head, ...rows] = stdout.split("\r\n");
    expect(head?.split(",").slice(0, 6)).toEqual(["sequence", "type", "time", "uptimeMs", "backlog", "firmware"]);
    expect(head?.split(",").at(-1)).toBe("mac");
    expect(rows).toHaveLength(5);
    expect(rows[1]).toMatch(/^2,session,2026-03-31T15:59:00.000Z,3060,0,.*,T-1,rated,5,1000,/);
    expect(rows[3]).toContain(',"timeoutMs: ""1"", and so on",');
  });

  it("has no cell that a spreadsheet would calculate with", () => {
    const cells = ['=HYPERLINK("x")', "+1", "@a", "-A1", "-2-3", "\ta"].map(cellOf);
    expect(cells).toEqual([`"'=HYPERLINK(""x"")"`, "'+1", "'@a", "'-A1", "'-2-3", "'\ta"]);
    expect(["-", "-5", -5, "00010", "T-2041", undefined].map(cellOf)).toEqual(["-", "-5", "-5", "00010", "T-2041", ""]);
  });

  it("prints what stands there all the same when something is wrong, says so beside it, and ends with 1", async () => {
    const { status, stdout, stderr } = await ledger("export changed.bin --key key");
    expect(status).toBe(1);
    expect(stdout.trimEnd().split("\n")).toHaveLength(4);
    expect(stderr).toContain("changed.bin: this log is not as the terminal wrote it");
    expect(stderr).toContain("Record 2 at page 0, slot 2 was changed");
  });
});

describe("npm run ledger -- totals", () => {
  it("counts by clerk, day and month, each grade by itself", async () => {
    const { status, stdout } = await ledger("totals good.bin");
    expect(status).toBe(0);
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 6));
    for (const row of [
      ["clerk", "5", "4", "3", "2", "1"],
      ["00010", "0", "0", "0", "1", "0"],
      ["1024", "1", "0", "0", "0", "0"],
      ["2026-03-31", "1", "0", "0", "0", "0"],
      ["2026-04-01", "0", "0", "0", "1", "0"],
      ["2026-04", "0", "0", "0", "1", "0"],
      ["all", "1", "0", "0", "1", "0"],
    ]) {
      expect(rows).toContainEqual(row);
    }
  });

  it("says which records it has counted", async () => {
    expect((await ledger("totals good.bin")).stdout).toMatch(/^records 1 to 4\n\nclerk /);
    expect((await ledger("totals later.bin")).stdout).toMatch(
      /^records 256 to 514; those before them were overwritten, and the host has them\n\nclerk /,
    );
    expect(JSON.parse((await ledger("totals later.bin --json")).stdout)).toMatchObject({ from: 256, to: 514 });
    expect((await ledger("check later.bin --key key")).status).toBe(0);
  });

  it("does not say that the host has records whose page was erased too early", async () => {
    const { status, stdout, stderr } = await ledger("totals erased.bin");
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^records 511 to 514\n\nclerk /)]);
    expect(stderr).toContain("Records before 511 are missing at the beginning: page 1 was erased before the ring came round.");
  });

  it("ends a day where the counter's does", async () => {
    const { stdout } = await ledger("totals good.bin --utc-offset 0 --json");
    expect(Object.keys((JSON.parse(stdout) as { byDay: object }).byDay)).toEqual(["2026-03-31"]);
  });
});
