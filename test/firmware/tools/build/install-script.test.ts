// The install script: as text, and run for real where ESPRUINO names an interpreter.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { Board } from "../../../../firmware/boards/board.js";
import { board as linux } from "../../../../firmware/boards/linux.js";
import { board as pico } from "../../../../firmware/boards/pico.js";
import { currentFirmware } from "../../../../firmware/tools/build/build.js";
import { InstallError, installScript, LINE_CHARACTERS } from "../../../../firmware/tools/build/install-script.js";
import { programBytes, scriptOf } from "../../../../firmware/tools/build/tokens.js";
import { parseSite, storeFiles } from "../../../../firmware/tools/provision/site.js";
import { SIMULATED_KEY } from "../../../../sim/world/simulated-key.js";

const site = parseSite(readFileSync("sim/site.yaml", "utf8"), "sim/site.yaml");
const files = storeFiles(site.counters[0] ?? {}, site, SIMULATED_KEY);

/** Every byte there is, twice, and the characters that end strings and lines. */
const HARD = Buffer.concat([Buffer.from(Array.from({ length: 512 }, (_, i) => i & 255)), Buffer.from("'\"\\\r\n\0`</script>")]);

/** What the script writes, by carrying it out in JavaScript. */
function carriedOut(board: Board, written: Readonly<Record<string, Buffer>>, code: string): Map<string, Buffer> {
  const storage = new Map<string, Buffer>();
  const write = (name: string, data: string, offset: number, lengthBytes: number): boolean => {
    if (offset === 0) storage.set(name, Buffer.alloc(lengthBytes, 0xff));
    Buffer.from(data, "latin1").copy(storage.get(name) as Buffer, offset);
    return true;
  };
  const text = installScript(board, written, code);
  const lines = text.trimEnd().split("\n").slice(0, -1);
  new Function("require", "atob", lines.join("\n"))(() => ({ write, read: (name: string) => storage.get(name) }), atob);
  return storage;
}

describe("the install script", () => {
  const script = installScript(linux, { ...files, hard: HARD }, "print(1)");

  it("is printable ASCII in lines that a small board takes", () => {
    for (const line of script.trimEnd().split("\n")) {
      expect(line).toMatch(/^[\x20-\x7e]+$/);
      expect(line.length).toBeLessThanOrEqual(LINE_CHARACTERS);
    }
  });

  it("writes the region's file first, then the files as given, then the firmware", () => {
    const storage = carriedOut(linux, files, "print(1)");
    expect([...storage.keys()]).toEqual(["ledger", "config", "roster", "glyphs", "key", ".bootcde"]);
    expect(storage.get("ledger")).toEqual(Buffer.alloc(65 * 1024, 0xff));
    for (const [name, bytes] of Object.entries(files)) expect(storage.get(name)).toEqual(bytes);
    expect(scriptOf(storage.get(".bootcde") as Buffer)).toBe("print(1)");
  });

  it("writes no region file on a board whose region is outside Storage", () => {
    expect([...carriedOut(pico, files, "print(1)").keys()]).toEqual(["config", "roster", "glyphs", "key", ".bootcde"]);
  });

  it("never writes over a region file that is there", () => {
    const first = script.split("\n")[0] as string;
    const writes: string[] = [];
    const storage = { read: () => "\xff", write: (name: string) => writes.push(name) };
    new Function("require", first)(() => storage);
    expect(writes).toEqual([]);
  });

  it("carries every byte, and what would end a string or a line", () => {
    expect(carriedOut(pico, { hard: HARD }, `a='"\\\\'`).get("hard")).toEqual(HARD);
    expect(carriedOut(pico, { hard: HARD }, `a='"\\\\'`).get(".bootcde")?.toString()).toBe(`a='"\\\\'`);
  });

  it("erases nothing", () => {
    expect(script).not.toContain("erase");
  });

  it("does not hold the word that it prints in the end, so that a console's echo is not taken for it", () => {
    expect(script).not.toContain("installed");
    expect(script).not.toContain("failed");
  });

  it("refuses an empty file, a long name and more than the board holds", () => {
    expect(() => installScript(pico, { config: Buffer.alloc(0) }, "1")).toThrow(InstallError);
    expect(() => installScript(pico, { ["n".repeat(29)]: Buffer.from("1") }, "1")).toThrow("longer than 28 characters");
    expect(() => installScript(pico, { glyphs: Buffer.alloc(48 * 1024) }, "1")).toThrow("the board pico has 49152");
  });
});

const interpreter = process.env.ESPRUINO;

describe.skipIf(!interpreter)("the install script, on the interpreter named by ESPRUINO", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function emptyFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), "install-"));
    folders.push(folder);
    return folder;
  }

  /** Lines of a script that a Linux interpreter with a Pico's memory can hold at once. */
  const FILE_LINES = 40;

  /** What the interpreter prints in the end, when it is given a script as files, one after another, or line by line on its console. */
  function run(folder: string, script: string, how: "file" | "console"): string {
    const command = ["-s", "KILL", "30", path.resolve(interpreter as string)];
    const lines = script.trimEnd().split("\n");
    if (how === "console") {
      const input = [...lines, "quit();\n"].join("\n");
      return execFileSync("timeout", command, { cwd: folder, encoding: "latin1", input, stdio: ["pipe", "pipe", "ignore"] });
    }
    let printed = "";
    for (let i = 0; i < lines.length; i += FILE_LINES) {
      writeFileSync(path.join(folder, "script.js"), [...lines.slice(i, i + FILE_LINES), "quit();\n"].join("\n"));
      printed = execFileSync("timeout", [...command, "script.js"], { cwd: folder, encoding: "latin1", input: "" });
    }
    return printed;
  }

  /** Name, length and CRC-32 of all that Storage holds. */
  function listing(folder: string): string[] {
    const script = `require("Storage").list().forEach(function(n){var d=require("Storage").read(n);print("FILE",n,d.length,E.CRC32(d))});`;
    const printed = run(folder, script, "file");
    return [...printed.matchAll(/^FILE (.*?)\r?$/gm)].map((match) => match[1] as string);
  }

  function expectedListing(wanted: Readonly<Record<string, Buffer>>): string[] {
    return Object.entries(wanted).map(([name, bytes]) => `${name} ${bytes.length} ${crc32(bytes)}`);
  }

  for (const how of ["file", "console"] as const) {
    // Again where needed: the Linux interpreter reads its console in a second thread without a lock, and now and then fails an assertion of its own.
    it(`leaves every file in Storage as it should be, given as a ${how}`, { retry: how === "console" ? 4 : 0 }, async () => {
      const { code } = await currentFirmware("linux");
      const folder = emptyFolder();
      expect(run(folder, installScript(linux, files, code), how)).toMatch(/^installed\r?$/m);
      expect(listing(folder)).toEqual(expectedListing({ ledger: Buffer.alloc(65 * 1024, 0xff), ...files, ".bootcde": programBytes(code) }));
    });
  }

  it("puts the region's pages inside the region's file", () => {
    const folder = emptyFolder();
    run(folder, installScript(linux, files, "1"), "file");
    const image = readFileSync(path.join(folder, "espruino.flash"));
    const fileStart = image.indexOf("ledger") + 28;
    const regionStart = linux.flash.address - linux.storage.address;
    expect(regionStart).toBeGreaterThanOrEqual(fileStart);
    expect(regionStart + linux.flash.pageBytes * (linux.flash.pageCount + linux.flash.slotPages)).toBeLessThanOrEqual(
      fileStart + linux.flash.storageFile.lengthBytes,
    );
  });

  it("keeps what is in the region, and files of others, when it runs again with another configuration", () => {
    const folder = emptyFolder();
    run(folder, installScript(linux, files, "1"), "file");
    run(folder, `require("Flash").write([1,2,3,4],${linux.flash.address});require("Storage").write("theirs","kept");`, "file");
    const other = { ...files, config: Buffer.from(files.config).reverse() };
    expect(run(folder, installScript(linux, other, "2"), "file")).toMatch(/^installed\r?$/m);
    const ledger = Buffer.alloc(65 * 1024, 0xff);
    ledger.set([1, 2, 3, 4], linux.flash.address - linux.storage.address - 32);
    const wanted = { ledger, theirs: Buffer.from("kept"), ...other, ".bootcde": Buffer.from("2") };
    expect(listing(folder).sort()).toEqual(expectedListing(wanted).sort());
  });

  it("says that it failed when another file lies where the region's should", () => {
    const folder = emptyFolder();
    run(folder, `require("Storage").write("theirs","first");`, "file");
    expect(run(folder, installScript(linux, files, "1"), "file")).toMatch(/^failed: ledger *\r?$/m);
  });
});
