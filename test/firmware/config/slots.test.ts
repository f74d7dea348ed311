// Slots for replaced files: the commands that they refuse, broken flash, and every byte of their header.

import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { RecordType } from "../../../firmware/ledger/records.js";
import { readFlashImage } from "../../../firmware/tools/ledger/ledger-reader.js";
import type { Flash } from "../../../hal/flash.js";
import { flashOver, NorFlash } from "../../../sim/chips/nor-flash.js";
import { configFile, PROVISIONED, picturesFile, rosterFile, SlottedTerminal, sha256Of } from "../../../sim/powercut/slots.js";

const GEOMETRY = { pageBytes: 1024, pageCount: 2, slotPages: 2, alignBytes: 4 };
const SLOT_AT = 2048;
const NEW_ROSTER = rosterFile("3001");
const LOG_ID = 3777279546;

function newChip(): NorFlash {
  return new NorFlash(GEOMETRY, () => undefined);
}

function started(flash: Flash): SlottedTerminal {
  const terminal = new SlottedTerminal(flash, LOG_ID);
  terminal.begin();
  return terminal;
}

/** Types and files of the records in flash. */
function recordsIn(chip: NorFlash): unknown[] {
  const { records, problems } = readFlashImage(chip.bytes, GEOMETRY);
  expect(problems).toEqual([]);
  return records.map((record) => (record.type === "switched" ? `${record.file} ${record.generation} ${record.sha256} by ${record.by}` : record.type));
}

describe("The slots", () => {
  it("give the store's files until something was replaced, and then the new file beside the old", () => {
    const chip = newChip();
    const first = started(flashOver(chip));
    expect(first.files()).toEqual(PROVISIONED);
    expect(first.replace("roster", NEW_ROSTER)).toBe("ok");
    // The new roster is not used beside the old configuration in memory. The next start uses both new files.
    expect(first.files()).toEqual(PROVISIONED);
    expect(started(flashOver(chip)).files()).toEqual({ ...PROVISIONED, roster: NEW_ROSTER });
    expect(recordsIn(chip)).toEqual(["started", `roster 1 ${sha256Of(NEW_ROSTER)} by admin`, "started"]);
  });

  it("give the screen the pictures in force at the start, and nothing else; pictures stay beside a new roster", () => {
    const chip = newChip();
    const pictures = picturesFile("new");
    const first = started(flashOver(chip));
    expect(first.replace("pictures", pictures)).toBe("ok");
    expect(first.shown).toEqual([""]);
    const second = started(flashOver(chip));
    expect(second.shown).toEqual(["GLY4new"]);
    expect(second.replace("roster", NEW_ROSTER)).toBe("ok");
    const third = started(flashOver(chip));
    expect(third.files()).toEqual({ ...PROVISIONED, roster: NEW_ROSTER, pictures });
    expect(third.shown).toEqual(["GLY4new"]);
  });

  it("show what was provisioned where pictures are damaged, and refuse those that came damaged", () => {
    const chip = newChip();
    const first = started(flashOver(chip));
    expect(first.replace("pictures", `0${picturesFile("new").slice(1)}`)).toBe("pictures: damaged");
    expect(first.replace("pictures", picturesFile("new"))).toBe("ok");
    const at = chip.bytes.indexOf(0x47, SLOT_AT + 200);
    chip.bytes[at] = 0;
    const second = started(flashOver(chip));
    expect(second.shown).toEqual([""]);
    expect(second.files().config).toBe(PROVISIONED.config);
  });

  it("leave other files to the store", () => {
    const chip = newChip();
    started(flashOver(chip)).replace("roster", NEW_ROSTER);
    expect(started(flashOver(chip)).slots.read("key")).toBeUndefined();
  });

  it.each([
    ["a file that is no configuration and no roster", { what: "key", bytes: 64, sha256: "" }, "bad what"],
    ["no name", { bytes: 64, sha256: "" }, "bad what"],
    ["no length", { what: "roster", sha256: "" }, "bad bytes"],
    ["a length of nothing", { what: "roster", bytes: 0, sha256: "" }, "bad bytes"],
    ["half a byte", { what: "roster", bytes: 8.5, sha256: "" }, "bad bytes"],
    ["a length in words", { what: "roster", bytes: "64", sha256: "" }, "bad bytes"],
    ["more than fits beside the other file", { what: "roster", bytes: 1024 - 32, sha256: "" }, "tooLong"],
    ["an order of nobody", { what: "roster", bytes: 64, sha256: "", by: undefined }, "bad by"],
    ["an order of somebody with no plain name", { what: "roster", bytes: 64, sha256: "", by: 'a"b' }, "bad by"],
    ["an order of somebody with a long name", { what: "roster", bytes: 64, sha256: "", by: "x".repeat(17) }, "bad by"],
  ])("refuse %s, and touch nothing", (_, command, answer) => {
    const chip = newChip();
    const terminal = started(flashOver(chip));
    const before = Buffer.from(chip.bytes);
    expect(terminal.say({ do: "replace", by: "admin", ...command })).toBe(answer);
    expect(terminal.say({ do: "piece", at: 0, data: "AAAAAAAAAAA=" })).toBe("notBegun");
    expect(terminal.say({ do: "commit" })).toBe("notBegun");
    expect(before.equals(chip.bytes)).toBe(true);
  });

  it.each([
    ["off the units of flash", 4, 8],
    ["before the file", -8, 8],
    ["beyond its end", 16, 16],
    ["with a hole behind it", 0, 12],
    ["of nothing", 0, 0],
    ["at a place in words", "0", 8],
  ])("refuse a piece %s", (_, at, lengthBytes) => {
    const terminal = started(flashOver(newChip()));
    expect(terminal.say({ do: "replace", what: "roster", bytes: 20, sha256: "", by: "admin" })).toBe("ok");
    expect(terminal.say({ do: "piece", at, data: Buffer.alloc(lengthBytes).toString("base64") })).toBe("bad at");
  });

  it("take a piece twice, and no other one in its place", () => {
    const terminal = started(flashOver(newChip()));
    const piece = (text: string): object => ({ do: "piece", at: 0, data: Buffer.from(text).toString("base64") });
    terminal.say({ do: "replace", what: "roster", bytes: 8, sha256: "", by: "admin" });
    expect(terminal.say({ ...piece("ABCDEFGH") })).toBe("ok");
    expect(terminal.say({ ...piece("ABCDEFGH") })).toBe("ok");
    expect(terminal.say({ ...piece("ABCDEFGX") })).toBe("flash");
  });

  it("refuse what is not announced, not whole, or no file that a start would take", () => {
    const chip = newChip();
    const terminal = started(flashOver(chip));
    const damaged = `${NEW_ROSTER.slice(0, -2)}X\n`;
    expect(terminal.replace("roster", damaged)).toBe("roster: damaged");
    expect(terminal.replace("config", NEW_ROSTER)).toBe("config: damaged");
    terminal.say({ do: "replace", what: "roster", bytes: 8, sha256: sha256Of("ABCDEFGH"), by: "admin" });
    expect(terminal.say({ do: "commit" })).toBe("badContent");
    expect(recordsIn(chip)).toEqual(["started"]);
    expect(started(flashOver(chip)).files()).toEqual(PROVISIONED);
  });

  it("begin nothing and commit nothing while a citizen is asked, nor over what waits for its restart", () => {
    const chip = newChip();
    const terminal = started(flashOver(chip));
    const announced = { do: "replace", what: "roster", bytes: NEW_ROSTER.length, sha256: sha256Of(NEW_ROSTER), by: "admin" };
    expect(terminal.say(announced, false)).toBe("busy");
    terminal.say(announced);
    terminal.say({ do: "piece", at: 0, data: Buffer.from(NEW_ROSTER, "latin1").toString("base64") });
    expect(terminal.say({ do: "commit" }, false)).toBe("busy");
    expect(terminal.say({ do: "commit" })).toBe("ok");
    expect(terminal.say(announced)).toBe("busy");
    expect(started(flashOver(chip)).files().roster).toBe(NEW_ROSTER);
  });

  it("do not know other commands", () => {
    expect(started(flashOver(newChip())).say({ do: "invite" })).toBe("");
  });

  it("need the record: in a full ledger nothing is switched, not even when its number is given to another record", () => {
    const chip = newChip();
    const terminal = started(flashOver(chip));
    const { ledger } = terminal;
    const session = '"1024","T-1",0,5,1000';
    while (ledger.append(RecordType.Session, 1, 0, session) === "ok");
    expect(terminal.replace("roster", NEW_ROSTER)).toBe("ledger");
    ledger.acknowledge(ledger.last());
    expect(ledger.append(RecordType.Session, 1, 0, session)).toBe("ok");
    expect(started(flashOver(chip)).files()).toEqual(PROVISIONED);
  });

  it.each(["erase", "write"] as const)("keep what is in force when flash does not %s", (broken) => {
    const chip = newChip();
    started(flashOver(chip)).replace("roster", NEW_ROSTER);
    const flash = flashOver(chip);
    const isSlot = (offset: number): boolean => offset >= SLOT_AT;
    const failing: Flash = {
      ...flash,
      write: (offset, data) => (broken === "write" && isSlot(offset) ? "failed" : flash.write(offset, data)),
      erase: (page) => (broken === "erase" && isSlot(page * GEOMETRY.pageBytes) ? "failed" : flash.erase(page)),
    };
    const terminal = started(failing);
    expect(terminal.replace("config", configFile(2))).toBe("flash");
    expect(terminal.say({ do: "commit" })).toBe("notBegun");
    expect(started(failing).files()).toEqual({ ...PROVISIONED, roster: NEW_ROSTER });
  });

  it("count on in a log of another name", () => {
    const chip = newChip();
    started(flashOver(chip)).replace("roster", NEW_ROSTER);
    chip.bytes.fill(255, 0, SLOT_AT);
    const terminal = new SlottedTerminal(flashOver(chip), 77);
    expect(terminal.ledger.last()).toBe(0);
    expect(terminal.files().roster).toBe(NEW_ROSTER);
  });
});

describe("The example of a file slot in FORMAT.md", () => {
  const format = readFileSync(new URL("../../../firmware/ledger/FORMAT.md", import.meta.url), "utf8");
  const hex = /```hex file-slot\n([\s\S]*?)```/.exec(format)?.[1] ?? "";
  const example = Buffer.from(hex.replace(/\s/g, ""), "hex");

  it("is what the terminal writes", () => {
    const chip = newChip();
    started(flashOver(chip)).replace("roster", NEW_ROSTER);
    expect(Buffer.from(chip.bytes.subarray(SLOT_AT, SLOT_AT + 48)).toString("hex")).toBe(example.toString("hex"));
  });

  it("says what stands beside it", () => {
    expect(example.toString("latin1", 0, 4)).toBe("CTS1");
    expect([4, 8, 12, 16, 20, 24].map((at) => example.readUInt32LE(at))).toEqual([1, PROVISIONED.config.length, NEW_ROSTER.length, LOG_ID, 2, 0]);
    expect(example.readUInt32LE(28)).toBe(crc32(example.subarray(0, 28)));
    expect(format).toContain(`a configuration of ${PROVISIONED.config.length} bytes and a roster of ${NEW_ROSTER.length} bytes`);
    expect(example.toString("latin1", 32)).toBe(PROVISIONED.config.slice(0, 16));
  });
});
