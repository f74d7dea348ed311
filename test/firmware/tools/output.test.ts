// What the commands print: no character that steers a screen gets there, whoever has sent it; and a reader that goes is no fault.

import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportOf, reportText } from "../../../firmware/hall/reports/log-report.js";
import { exportLines } from "../../../firmware/hall/reports/record-export.js";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import { visible, visibleLines } from "../../../firmware/tools/output.js";
import { readYaml } from "../../../firmware/tools/provision/yaml-document.js";
import { EXIT } from "../../../firmware/tools/tool-error.js";
import { compiledProgram, type ProgramName } from "../../compiled-program.js";
import { sampleOf } from "../../depth.js";
import { hello, KEY, LOG, peerOf, ratings, recordMessage, TestHall } from "../hall/test-hall.js";
import { encodeRecord, u32 } from "../ledger/ledger-encoder.js";

const RED = "\u001b[31m";
/** What no screen may get: the beginning of an escape sequence in 7 and in 8 bits, and others. */
const NASTY: readonly (readonly [string, string])[] = [
  ["ESC", RED],
  ["CSI in 8 bits", "\u009b31m"],
  ["OSC in 8 bits", "\u009d0;title\u009c"],
  ["backspace", "ok\b\b"],
  ["carriage return", "ok\rno"],
  ["bell", "\u0007"],
  ["NUL", "\0"],
  ["DEL", "\u007f"],
  ["override of the direction", "\u202etxt.exe"],
  ["isolate of the direction", "\u2066x\u2069"],
  ["mark of the direction", "\u200f"],
  ["separator of lines", "\u2028"],
  ["character of no width", "\u200b"],
  ["soft hyphen", "\u00ad"],
  ["byte order mark", "\ufeff"],
  ["tag", "\u{e0041}"],
  ["half a character", "\ud800"],
];
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe("A text that is printed", () => {
  it.each(NASTY)("has no %s, and says where it was", (_, text) => {
    expect(visible(`a${text}b`)).toMatch(/^a.*\\u[0-9a-f]{4}.*b$/);
    expect(visible(text)).not.toMatch(UNSEEN);
    expect(JSON.parse(visible(JSON.stringify({ text })))).toEqual({ text });
  });

  it("is otherwise as it was", () => {
    const text = "王小明 \u{20000} é \t“quoted”";
    expect(visibleLines(`${text}\n${text}\r\n`)).toBe(`${text}\n${text}\r\n`);
    expect(visible("a\nb")).toBe("a\\u000ab");
  });

  it("goes through one place: no file of the tools and the hall prints by itself", () => {
    const files = readdirSync("firmware", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const printing = files.filter((name) =>
      /console\.(log|error|warn|info)|process\.stdout\.write/.test(readFileSync(path.join("firmware", name), "utf8")),
    );
    // The AsyncAPI document is made of the schemas alone.
    expect(printing.sort()).toEqual(["hall/asyncapi.ts", "tools/output.ts"]);
  });
});

describe("A record of a key holder", () => {
  it.each(NASTY)("with %s reaches neither the log's lines, nor a report, nor a table as it came", (_, nasty) => {
    const hall = new TestHall();
    const text = JSON.stringify(`key ${nasty}`);
    const record = encodeRecord(KEY, u32(LOG), 1, { type: 8, text: `"key",${text}` });
    hall.say(peerOf("a"), hello("a", { last: 1 }, { firmware: "1" }), recordMessage(1, [record]));
    hall.stop();
    const store = SqliteStore.read(hall.file);
    const lines = [reportText(reportOf(store)), ...exportLines(store.records(), "csv")].join("").split(/\r?\n/);
    for (const line of lines) expect(line).not.toMatch(UNSEEN);
    for (const line of exportLines(store.records(), "jsonl")) expect(visibleLines(line).trimEnd()).not.toMatch(UNSEEN);
    store.close();
    for (const { words } of hall.events) expect(visible(words)).not.toMatch(UNSEEN);
    hall.open();
    hall.remove();
  });
});

describe("A YAML file that anybody may have written", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ..."bcdefghi".split("").map((name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[i]}`).join()}]`),
  ];
  it.each([
    ["a bomb of aliases", bomb.join("\n"), /repeats parts by \*/],
    ["nested beyond the stack", `a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /nested too deep/],
    ["nested in hundreds of lines", Array.from({ length: 900 }, (_, i) => `${"  ".repeat(i)}-`).join("\n"), /nested too deep/],
    ["of a megabyte and more", `a: ${"x".repeat(1_000_000)}`, /longer than 1 MB/],
    ["two documents", "a: 1\n---\nb: 2\n", /begins a second document: take out the line with --- before it/],
  ])("that is %s is refused with a sentence", (_, text, words) => {
    const { document, value } = readYaml(text);
    expect(value).toBe(undefined);
    expect(document.errors[0]?.message).toMatch(words);
  });
});

describe("The commands", () => {
  let folder = "";
  let database = "";
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "output-"));
    database = path.join(folder, "hall.sqlite");
    const hall = new TestHall();
    hall.say(peerOf("a"), hello("a", { last: 1 }), ...ratings(400).map((_, i, all) => recordMessage(i + 1, all)));
    hall.stop();
    writeFileSync(database, readFileSync(hall.file));
    hall.open();
    hall.remove();
    writeFileSync(path.join(folder, "bomb.yaml"), `"${"\\e"}[31m": 5\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs a command whose reader goes at once. @param words the program's name first @returns exit code, and what came on the other stream */
  function run([name, ...words]: readonly string[], gone: "stdout" | "stderr", target?: number): Promise<readonly [number | null, string]> {
    const child = spawn(
      process.execPath,
      [compiledProgram(name as ProgramName), ...words.map((word) => word.replace("DB", database).replace("FOLDER", folder))],
      {
        stdio: ["ignore", gone === "stdout" && target !== undefined ? target : "pipe", "pipe"],
      },
    );
    child[gone]?.destroy();
    let text = "";
    (gone === "stdout" ? child.stderr : child.stdout)?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    return new Promise((resolve) => child.once("close", (code) => resolve([code, text])));
  }

  const READ = ["receive export --database DB", "receive report --database DB", "receive --help", "tool --help", "tool schema", "scenario --help"];
  it.each(sampleOf(READ, 4))(
    "%s ends in silence when nobody reads it",
    async (words) => {
      const [code, text] = await run(words.split(" "), "stdout");
      expect([code, text]).toEqual([0, ""]);
    },
    60_000,
  );

  const WRONG = ["receive export --database FOLDER/none", "tool check FOLDER/bomb.yaml", "tool nonsense"];
  it.each(sampleOf(WRONG, 3))(
    "%s keeps its exit code when nobody reads what is wrong",
    async (words) => {
      const [code, text] = await run(words.split(" "), "stderr");
      expect([code, text]).toEqual([EXIT.given, ""]);
    },
    60_000,
  );

  it.runIf(process.platform === "linux")(
    "whose output goes to a full disk say so",
    async () => {
      const [code, text] = await run("receive export --database DB".split(" "), "stdout", openSync("/dev/full", "w"));
      expect(code).toBe(EXIT.given);
      expect(text).toMatch(/The disk of this computer is full.*The output is not complete/s);
      expect(text).not.toMatch(/ at .*:\d+:\d+/);
    },
    60_000,
  );
});
