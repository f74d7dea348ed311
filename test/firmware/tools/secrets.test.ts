// Where the device key goes: every command is run, with a terminal on the bench, and every file that any of them wrote is looked through, and what npm packs. The key
// is looked for in each form in which it is used. Only files that nobody else can read may hold it.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { currentFirmware } from "../../../firmware/tools/build/build.js";
import { compiledProgram } from "../../compiled-program.js";
import { commandLine, type Ended } from "./command-line.js";
import { type Bench, freePort, startStandIn } from "./device/bench.js";

/** Shortest piece of a key that counts. Scripts may break a key anywhere. */
const PIECE_BYTES = 8;

/** A byte of key material as the terminal keeps it: the two blocks of HMAC (RFC 2104, 2). */
const PADS = [0, 0x36, 0x5c];

/** Every text or sequence of bytes by which a piece of a key can be told, as Latin-1. */
function tracesOf(key: Buffer): string[] {
  const traces: string[] = [];
  for (const pad of PADS) {
    for (let at = 0; at + PIECE_BYTES <= key.length; at++) {
      const piece = Buffer.from(key.subarray(at, at + PIECE_BYTES).map((byte) => byte ^ pad));
      const hex = piece.toString("hex");
      traces.push(piece.toString("latin1"), hex, hex.toUpperCase(), [...piece].join(","), [...piece].join(", "));
      // In Base64 a piece stands at one of three places in a group. The characters at its ends hold bits of its neighbours.
      for (const before of [0, 1, 2]) {
        const text = Buffer.concat([Buffer.alloc(before), piece])
          .toString("base64")
          .replaceAll("=", "");
        traces.push(text.slice([0, 2, 3][before], -1));
        traces.push(text.slice([0, 2, 3][before], -1).replaceAll("+", "-").replaceAll("/", "_"));
      }
    }
  }
  return [...new Set(traces)];
}

/** Whether bytes hold a piece of a key, also behind the escapes of a string in JavaScript or JSON. */
function holds(bytes: Buffer, traces: readonly string[]): boolean {
  const text = bytes.toString("latin1");
  const plain = text
    .replaceAll(/\\(?:x|u00)([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .replaceAll(/\\(['"\\])/g, "$1");
  return traces.some((trace) => text.includes(trace) || plain.includes(trace));
}

describe("The search for a key", () => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 73 + 41) & 0xff));
  const masked = (pad: number): Buffer => Buffer.from(key.map((byte) => byte ^ pad));
  const escaped = (bytes: Buffer): string => [...bytes].map((byte) => `\\x${byte.toString(16)}`.replace(/x(.)$/, "x0$1")).join("");

  it.each<[string, Buffer]>([
    ["raw", Buffer.concat([Buffer.from("before"), key, Buffer.from("after")])],
    ["in hexadecimal digits", Buffer.from(`key ${key.toString("hex")}\n`)],
    ["in capital digits", Buffer.from(key.toString("hex").toUpperCase())],
    ["as the inner block", Buffer.concat([masked(0x36), Buffer.alloc(32, 0x36)])],
    ["as the outer block", Buffer.concat([masked(0x5c), Buffer.alloc(32, 0x5c)])],
    ["in Base64, at every place", Buffer.from(Buffer.concat([Buffer.from("x"), masked(0x36)]).toString("base64"))],
    ["in Base64 for addresses", Buffer.from(Buffer.concat([Buffer.from("xy"), key]).toString("base64url"))],
    ["in a string of a script", Buffer.from(`write('key','${escaped(masked(0x5c))}')`)],
    ["in two halves", Buffer.from(`${key.toString("hex").slice(0, 32)}\n${key.toString("hex").slice(32)}`)],
    ["as numbers", Buffer.from(JSON.stringify([...key]))],
  ])("finds one %s", (_, bytes) => {
    expect(holds(bytes, tracesOf(key))).toBe(true);
  });

  it("finds none where there is another", () => {
    const other = Buffer.from(key.map((byte) => byte ^ 1));
    expect(holds(Buffer.from(other.toString("hex")), tracesOf(key))).toBe(false);
  });
});

const SITE = (port: number): string => `
common: { version: 1, host: "127.0.0.1:${port}" }
counters:
  - { device: hall-8, counter: "8" }
people:
  - { badge: "W26:1A2B3C", number: "1024", name: 王小明, post: 综合受理 }
  - { badge: "W26:0E0E0E", number: "9003", name: 周敏, post: 设备维护, role: maintainer }
`;

/** Every file in a folder, but for links. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => lstatSync(file).isFile());
}

/** Whether anybody but its owner may use a file or folder. */
function isOpenToOthers(file: string): boolean {
  return (statSync(file).mode & 0o077) !== 0;
}

/** The files that npm would publish from a folder, from that folder. */
function packed(folder: string): string[] {
  const words = ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline"];
  const [report] = JSON.parse(execFileSync("npm", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as [
    { files: readonly { path: string }[] },
  ];
  return report.files.map(({ path: name }) => name);
}

describe.skipIf(process.platform === "win32")("The key of a terminal", () => {
  /** What the commands may write to: their folder, and where programs put files without being asked. */
  let top: string;
  let folder: string;
  let bench: Bench;
  let linkPort: number;
  /** Everything that the commands said. */
  let said = "";
  const ran = new Set<string>();
  const before = { TMPDIR: process.env.TMPDIR, HOME: process.env.HOME };

  const run = async (...words: string[]): Promise<Ended> => {
    ran.add(words[0] as string);
    const ended = await commandLine(words, folder);
    said += ended.stdout + ended.stderr;
    return ended;
  };
  const done = async (...words: string[]): Promise<void> => {
    const { status, stderr } = await run(...words);
    expect({ command: words.join(" "), status, stderr }).toMatchObject({ status: 0 });
  };
  const overConsole = (command: string, ...words: string[]): Promise<void> =>
    done(...command.split(" "), "--board", "linux", "--port", bench.port, ...words);
  const overLink = (command: string, ...words: string[]): Promise<void> =>
    bench.hurry(5, () => done(...command.split(" "), "--board", "linux", "--link", `listen:${linkPort}`, ...words));
  /** Starts a command that goes on until it is ended. */
  const begin = (...words: string[]): { child: ChildProcess; heard: (what: string) => Promise<void>; end: () => Promise<void> } => {
    ran.add(words[0] as string);
    const child = spawn(process.execPath, [compiledProgram("tool"), ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => {
        text += bytes.toString();
      });
    const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
    return {
      child,
      async heard(what) {
        for (const until = Date.now() + 60_000; !text.includes(what); await sleep(100))
          if (Date.now() > until) throw new Error(`no ${what}: ${text}`);
      },
      async end() {
        child.kill("SIGINT");
        await gone;
        said += text;
      },
    };
  };

  beforeAll(async () => {
    top = mkdtempSync(path.join(tmpdir(), "secrets-"));
    // Others could look into it.
    chmodSync(top, 0o755);
    folder = path.join(top, "hall");
    for (const name of ["hall", "tmp", "home"]) mkdirSync(path.join(top, name));
    linkPort = await freePort();
    for (const program of ["firmware", "lock", "hardware-test"] as const) await currentFirmware("linux", program);
    cpSync("dist/linux", path.join(folder, "dist/linux"), { recursive: true });
    writeFileSync(path.join(folder, "site.yaml"), SITE(linkPort));
    writeFileSync(path.join(folder, "package.json"), '{ "name": "hall", "version": "1.0.0" }\n');
    Object.assign(process.env, { TMPDIR: path.join(top, "tmp"), HOME: path.join(top, "home") });
    bench = await startStandIn();
  });
  afterAll(async () => {
    await bench?.close();
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(top, { recursive: true, force: true });
  });

  it("is used by every command that there is", { timeout: 300_000 }, async () => {
    const site = ["--config", "site.yaml"];
    await done("init", "example.yaml");
    await done("check", "example.yaml");
    await done("schema");
    await done("card", "clerk-card.html", ...site);
    await done("wiring", "wiring");
    await done("build", "--board", "linux", ...site);
    await done("where", "firmware.js:1:100", "--board", "linux");
    await run("doctor", "--port", bench.port);
    await overConsole("flash", ...site, "--despite-faults", "--leave-open");
    await overConsole("status");
    await overConsole("config get");
    await overConsole("config set", ...site, "--leave-open");
    await overConsole("roster set", ...site, "--leave-open");
    await overConsole("update", "--leave-open");
    await overConsole("export", "--out", "records.csv", "--format", "csv");
    await overConsole("restart");
    await overLink("export", "--out", "records.jsonl");
    await overLink("time set");
    await overLink("unlock", "--by", "9003");
    // Nobody presses a key.
    await bench.hurry(20, () => run("self-test", "--board", "linux", "--link", `listen:${linkPort}`));
    const monitor = begin("monitor", "--board", "linux", "--link", `listen:${linkPort}`);
    await monitor.heard("hello ");
    await monitor.end();
    const hall = begin("receive", "--tcp", String(linkPort));
    await hall.heard("timeSet");
    await run("receive", "send", "hall-8", '{"do":"time"}');
    await run("receive", "replace", "hall-8", "roster", ...site, "--by", "9003", "--board", "linux");
    await done("receive", "export", "--format", "csv");
    await run("receive", "report", "--keys", "secrets/keys");
    await hall.end();
    await overConsole("reset", "--yes", "hall-8");
    const copies = filesIn(path.join(folder, "secrets/devices")).filter((file) => path.basename(file).startsWith("ledger-"));
    expect(copies.length).toBeGreaterThan(3);
    await run("ledger", "check", path.relative(folder, copies[0] as string), "--key", "secrets/keys/hall-8.key");
    const { stdout } = await run("--help");
    const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name as string).filter((name) => name !== "help");
    expect(names.filter((name) => !ran.has(name))).toEqual([]);
  });

  it("is in its key file and in the script that installs it, which nobody else can read, and nowhere else", () => {
    const traces = tracesOf(Buffer.from(readFileSync(path.join(folder, "secrets/keys/hall-8.key"), "latin1").trim(), "hex"));
    const files = filesIn(top);
    expect(files.length).toBeGreaterThan(20);
    const holding = files.filter((file) => holds(readFileSync(file), traces));
    expect(holding.map((file) => path.relative(folder, file)).sort()).toEqual(["secrets/devices/hall-8/install-linux.js", "secrets/keys/hall-8.key"]);
    expect(holding.filter(isOpenToOthers)).toEqual([]);
    expect(holds(Buffer.from(said), traces)).toBe(false);
  });

  it("is in a folder whose every file and folder is for its owner alone", () => {
    const secrets = path.join(folder, "secrets");
    const all = [secrets, ...readdirSync(secrets, { recursive: true, encoding: "utf8" }).map((name) => path.join(secrets, name))];
    expect(all.filter(isOpenToOthers)).toEqual([]);
  });

  it("is in no package that is made in the folder, and in no commit", () => {
    const names = packed(folder);
    expect(names).toContain("site.yaml");
    expect(names.filter((name) => name.startsWith("secrets"))).toEqual([]);
    execFileSync("git", ["init", "--quiet"], { cwd: folder });
    const status = execFileSync("git", ["status", "--porcelain", "--untracked-files=all"], { cwd: folder, encoding: "utf8" });
    expect(status).toContain("site.yaml");
    expect(status).not.toContain("secrets");
  });

  it("is in no package of this project", () => {
    const names = packed(".");
    expect(names).toContain("firmware/tools/counter-terminal.js");
    expect(names.filter((name) => /^(secrets|dist)\/|\.key$/.test(name))).toEqual([]);
  });
});
