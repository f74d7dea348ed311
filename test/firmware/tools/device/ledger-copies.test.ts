// Every copy that the tool makes of a ledger can be checked and exported by the tool, without being told what it is: of every board, by every command that makes one.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boardNames, currentFirmware, readBoard } from "../../../../firmware/tools/build/build.js";
import { EXIT } from "../../../../firmware/tools/tool-error.js";
import { type StandIn, startConsoleStandIn } from "../../../../sim/espruino/console-stand-in.js";
import { sampleOf } from "../../../depth.js";
import { commandLine, type Ended } from "../command-line.js";
import { freePort, startStandIn } from "./bench.js";

const KEY = ["--key", "secrets/keys/hall-8.key"];

function siteWith(host: string): string {
  return `
counters:
  - { version: 1, device: hall-8, counter: "8", host: "${host}" }
people:
  - { badge: "W26:1A2B3C", number: "1024", name: 王小明, post: 综合受理 }
`;
}

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "copies-"));
  for (const board of boardNames()) {
    const programs = readBoard(board).flash.driver ? (["firmware", "lock", "ledger-flash"] as const) : (["firmware", "lock"] as const);
    for (const program of programs) await currentFirmware(board, program);
    cpSync(`dist/${board}`, path.join(folder, "dist", board), { recursive: true });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]): Promise<Ended> {
  return commandLine(words, folder);
}

async function done(...words: string[]): Promise<Ended> {
  const ended = await run(...words);
  expect({ command: words.join(" "), ...ended }).toMatchObject({ status: 0, stderr: "" });
  return ended;
}

/** Copies of the terminal's ledger in the folder of secrets. */
function copies(): string[] {
  const devices = path.join(folder, "secrets/devices/hall-8");
  return readdirSync(devices)
    .filter((name) => name.startsWith("ledger-"))
    .map((name) => path.join("secrets/devices/hall-8", name));
}

/** Checks a copy, exports it, and counts it. @returns the number of its records */
async function recordsIn(copy: string, board: string): Promise<number> {
  const { stdout } = await done("ledger", "check", copy, ...KEY, "--json");
  const checked = JSON.parse(stdout) as { board: string; records: number; verified: number; problems: unknown[] };
  expect(checked).toMatchObject({ board, problems: [], verified: checked.records });
  const exported = (await done("ledger", "export", copy, ...KEY)).stdout.trimEnd().split("\n");
  expect(exported).toHaveLength(checked.records);
  expect(JSON.parse(exported[0] as string)).toMatchObject({ sequence: 1, type: "started" });
  await done("ledger", "totals", copy, ...KEY);
  expect((await done("ledger", "check", copy, "--board", board)).stdout).toContain(`ledger of ${board}`);
  return checked.records;
}

/** A board's own flash comes first, and a memory on SPI last. */
describe.each(sampleOf(boardNames(), boardNames().length - 1))("of a terminal on the board %s", (name) => {
  let standIn: StandIn;
  let at: string[];
  beforeAll(async () => {
    rmSync(path.join(folder, "secrets"), { recursive: true, force: true });
    writeFileSync(path.join(folder, "site.yaml"), siteWith(""));
    standIn = await startConsoleStandIn(readBoard(name));
    at = ["--board", name, "--port", `tcp://127.0.0.1:${standIn.port}`];
  });
  afterAll(() => standIn?.close());

  it("every copy is whole, and says whose it is", { timeout: 240_000 }, async () => {
    const flash = ["flash", ...at, "--config", "site.yaml", "--leave-open", "--despite-faults"];
    const { stdout } = await done(...flash);
    expect(stdout.includes("its ledger lies outside the specification")).toBe(name === "pico");
    await done("export", ...at, "--out", "own.bin", "--format", "copy");
    expect(await recordsIn("own.bin", name)).toBe(1);
    // Each of these copies the ledger before it changes the board.
    for (const words of [
      flash,
      ["update", ...at, "--leave-open"],
      ["config", "set", ...at, "--config", "site.yaml", "--leave-open"],
      ["reset", ...at, "--yes", "hall-8"],
    ]) {
      const before = copies();
      await done(...words);
      const made = copies().filter((copy) => !before.includes(copy));
      expect(made, words[0]).toHaveLength(1);
      expect(await recordsIn(made[0] as string, name)).toBe(before.length + 1);
      const [head] = readFileSync(path.join(folder, made[0] as string), "latin1").split("\n");
      const { pageBytes, pageCount } = readBoard(name).flash;
      expect(head).toMatch(/^counter-terminal-ledger \{/);
      expect(JSON.parse((head as string).slice("counter-terminal-ledger ".length))).toMatchObject({
        device: "hall-8",
        board: name,
        part: "pages",
        pageBytes,
        pageCount,
      });
    }
  });
});

describe("of a terminal whose ledger is in a memory on SPI", () => {
  it("nothing is written while the memory does not answer", { timeout: 60_000 }, async () => {
    rmSync(path.join(folder, "secrets"), { recursive: true, force: true });
    writeFileSync(path.join(folder, "site.yaml"), siteWith(""));
    const standIn = await startConsoleStandIn(readBoard("pico-w25q"));
    try {
      standIn.world.isMemoryConnected = false;
      const words = ["flash", "--board", "pico-w25q", "--port", `tcp://127.0.0.1:${standIn.port}`, "--config", "site.yaml", "--leave-open"];
      const { status, stderr } = await run(...words);
      expect(status).toBe(EXIT.wrongBoard);
      expect(stderr).toContain("The ledger's memory does not answer as a W25Q64JV.");
      expect(stderr).toContain("SCK B3, DI B5, DO B4, CS B13");
      expect(stderr).toContain("Nothing was written to the device.");
    } finally {
      await standIn.close();
    }
  });
});

describe("over the link of a closed terminal", () => {
  it("a copy holds the records as they were sent", { timeout: 240_000 }, async () => {
    rmSync(path.join(folder, "secrets"), { recursive: true, force: true });
    const port = await freePort();
    writeFileSync(path.join(folder, "site.yaml"), siteWith(`127.0.0.1:${port}`));
    const bench = await startStandIn();
    try {
      await done("flash", "--board", "linux", "--port", bench.port, "--config", "site.yaml", "--despite-faults");
      const words = ["export", "--board", "linux", "--link", `listen:${port}`, "--out", "link.bin", "--format", "copy"];
      await bench.hurry(5, () => done(...words));
    } finally {
      await bench.close();
    }
    const records = await recordsIn("link.bin", "linux");
    expect(records).toBeGreaterThan(0);
    const whole = readFileSync(path.join(folder, "link.bin"));
    const text = whole.indexOf("\n") + 30;
    const changed = Buffer.from(whole);
    changed[text] = (changed[text] as number) ^ 1;
    writeFileSync(path.join(folder, "changed.bin"), changed);
    const { status, stdout } = await run("ledger", "check", "changed.bin", ...KEY);
    expect(status).toBe(1);
    expect(stdout).toContain("WRONG: ");
  });
});

describe("A copy that cannot be what it says", () => {
  const HEAD = { device: "hall-8", board: "linux", copiedAt: "2026-03-02T09:00:00.000Z", part: "pages", pageBytes: 1024, pageCount: 48 };
  const copyWith = (head: object, lengthBytes: number): Buffer =>
    Buffer.concat([Buffer.from(`counter-terminal-ledger ${JSON.stringify(head)}\n`), Buffer.alloc(lengthBytes, 255)]);

  it.each<[string, Buffer, string]>([
    ["is cut off", copyWith(HEAD, 48 * 1024 - 1), "has 49151 bytes behind its first line, and should have 48 pages of 1024."],
    ["has too much", copyWith(HEAD, 65536), "has 65536 bytes behind its first line"],
    ["has no end of its first line", Buffer.from("counter-terminal-ledger {"), "the first line of this copy cannot be read"],
    ["has another first line", Buffer.from("counter-terminal-ledger [1]\n"), "the first line of this copy cannot be read"],
    ["has pages that are no pages", copyWith({ ...HEAD, pageBytes: 1, pageCount: 49152 }, 49152), "the first line of this copy cannot be read"],
    ["has a board that is no name", copyWith({ ...HEAD, board: "\u001b[2J" }, 49152), "the first line of this copy cannot be read"],
    [
      "has fewer records",
      copyWith({ device: "a", board: "linux", copiedAt: "", part: "records", log: 1, acknowledged: 0, count: 3 }, 0),
      "has 0 records behind its first line, and should have 3.",
    ],
  ])("and %s is refused, with what to do", async (_, content, words) => {
    writeFileSync(path.join(folder, "bad.bin"), content);
    const { status, stderr } = await run("ledger", "check", "bad.bin");
    expect(status).toBe(EXIT.given);
    expect(stderr).toContain(words);
    expect(stderr).toContain("To do: Use another copy of this ledger, or export it again.");
  });

  it("is not taken for another board's", async () => {
    writeFileSync(path.join(folder, "linux.bin"), copyWith(HEAD, 49152));
    const { status, stderr } = await run("ledger", "check", "linux.bin", "--board", "esp32");
    expect(status).toBe(EXIT.given);
    expect(stderr).toContain("linux.bin is a copy of the ledger of a linux.");
  });
});
