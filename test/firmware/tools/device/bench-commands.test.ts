// The technician's command line from a bare board to a bare board, each command as a technician types it, with its exit code: on a stand-in, and where ESPRUINO
// names an interpreter on that one.

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysIn } from "../../../../firmware/hall/device-keys.js";
import { currentFirmware } from "../../../../firmware/tools/build/build.js";
import { EXIT } from "../../../../firmware/tools/tool-error.js";
import { compiledProgram } from "../../../compiled-program.js";
import { commandLine } from "../command-line.js";
import { BENCHES, type Bench, cutAfter, draw, freePort, WAIT_MS } from "./bench.js";

/** What a command said with --json: a line each. */
interface Said {
  readonly status: number;
  readonly text: string;
  /** The fields of its result. */
  readonly result: Readonly<Record<string, unknown>>;
  /** The fields of its failure. */
  readonly failure: { readonly error?: string; readonly state?: string; readonly todo?: string };
}

const SITE = (port: number, version: number, people = ""): string => `
common: { version: ${version}, host: "127.0.0.1:${port}" }
counters:
  - { device: hall-8, counter: "8" }
  - { device: hall-9, counter: "9" }
people:
  - { badge: "W26:1A2B3C", number: "1024", name: 王小明, post: 综合受理 }
  - { badge: "W26:0E0E0E", number: "9003", name: 周敏, post: 设备维护, role: maintainer }
${people}`;

describe.each(BENCHES)("the commands of a technician, on %s", (name, start) => {
  if (!start) {
    it.skip("set ESPRUINO to run it", () => undefined);
    return;
  }
  let bench: Bench;
  let folder: string;
  let linkPort: number;
  beforeAll(async () => {
    linkPort = await freePort();
    folder = mkdtempSync(path.join(tmpdir(), "technician-"));
    for (const program of ["firmware", "lock"] as const) await currentFirmware("linux", program);
    await currentFirmware("pico");
    // What a technician has built before.
    for (const board of ["linux", "pico"]) cpSync(`dist/${board}`, path.join(folder, "dist", board), { recursive: true });
    writeFileSync(path.join(folder, "hall.yaml"), SITE(linkPort, 1));
    bench = await start();
  }, WAIT_MS);
  afterAll(async () => {
    await bench?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a command in a process of its own, which can be killed. */
  function begin(...words: string[]): ChildProcess {
    return spawn(process.execPath, [compiledProgram("tool"), ...words, "--json"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  }

  async function run(...words: string[]): Promise<Said> {
    const { status, stdout: text } = await commandLine([...words, "--json"], folder);
    const lines = text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, object>);
    const results = lines.flatMap((line) => (line.result ? [line.result] : []));
    return { status, text, result: (results.at(-1) ?? {}) as Said["result"], failure: (lines.at(-1) ?? {}) as Said["failure"] };
  }

  const overConsole = (command: string, ...words: string[]): Promise<Said> =>
    run(...command.split(" "), "--board", "linux", "--port", bench.port, ...words);
  const overLink = (command: string, ...words: string[]): Promise<Said> =>
    bench.hurry(5, () => run(...command.split(" "), "--board", "linux", "--link", `listen:${linkPort}`, ...words));
  const flash = (...words: string[]): Promise<Said> => overConsole("flash", "--config", "hall.yaml", ...words);

  it("doctor says which board it is, and what to do next", { timeout: 60_000 }, async () => {
    const { status, result } = await run("doctor", "--port", bench.port);
    expect(status).toBe(0);
    expect(result).toMatchObject({ espruinoName: "LINUX", board: "linux", device: null, isKnown: true });
    expect(result.ledgers).toEqual([{ board: "linux", words: "48 pages of 1 kB in a file of Storage" }]);
    expect(result.advice).toEqual([`make it a terminal: counter-terminal flash --board linux --port ${bench.port} --config FILE`]);
  });

  it("flash refuses another board, and says where the state of the device is when the cable comes out", { timeout: 60_000 }, async () => {
    const wrong = await run("flash", "--config", "hall.yaml", "--board", "pico", "--port", bench.port);
    expect(wrong.status).toBe(EXIT.wrongBoard);
    expect(wrong.failure.state).toBe("Nothing was written to the device.");
    const cable = await cutAfter(15_000, bench.port);
    const cut = await run("flash", "--config", "hall.yaml", "--board", "linux", "--port", cable.port);
    cable.server.close();
    expect(cut.status).toBe(EXIT.transfer);
    expect(cut.failure.state).toBe("The device is open and not a terminal yet: it does not serve.");
    expect(cut.failure.todo).toContain("run the same command again");
  });

  it("flash can be killed at any time, and run again", { timeout: 180_000 }, async () => {
    for (let i = 0; i < 3; i++) {
      const child = begin("flash", "--config", "hall.yaml", "--board", "linux", "--port", bench.port, "--leave-open", "--despite-faults");
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await new Promise<void>((resolve) =>
        child.stdout?.on("data", (bytes: Buffer) => {
          if (bytes.includes("uploading")) resolve();
        }),
      );
      await sleep(draw(`${name}: flash killed after ms`, 0, 600));
      // The last one by Ctrl-C, after which it still says how the device is.
      child.kill(i < 2 ? "SIGKILL" : "SIGINT");
      expect(await ended).toBe(i < 2 ? null : EXIT.transfer);
      if (i === 1) await bench.powerCycle();
    }
    bench.holdKey();
    const faulty = await flash();
    expect(faulty.status).toBe(EXIT.unhealthy);
    expect(faulty.failure.state).toBe("The terminal is open and serves.");
    expect(faulty.failure.todo).toContain("--despite-faults");
  });

  it("flash ends with a closed terminal, its label, and its key where the receiver finds it", { timeout: 120_000 }, async () => {
    const { status, result } = await flash("--despite-faults");
    expect(status).toBe(0);
    expect(result).toMatchObject({ device: "hall-8", counter: "8", board: "linux", configuration: 1, isClosed: true });
    expect(readFileSync(result.label as string, "utf8")).toContain("<svg");
    expect(keysIn(path.join(folder, "secrets/keys"))("hall-8")).toHaveLength(32);
    expect(readFileSync(path.join(folder, "secrets/devices.jsonl"), "utf8")).toContain('"device":"hall-8"');
    const closed = await overConsole("status");
    expect(closed.status).toBe(EXIT.unreachable);
    expect(closed.failure.todo).toContain("counter-terminal unlock");
    expect((await run("doctor", "--port", bench.port)).status).toBe(EXIT.unreachable);
  });

  it("status, time set, export, monitor, self-test and restart go over the link of a closed terminal", { timeout: 240_000 }, async () => {
    const status = await overLink("status");
    expect(status).toMatchObject({ status: 0, result: { device: "hall-8", counter: "8", config: 1 } });
    expect(await overLink("time set")).toMatchObject({ status: 0 });
    const exported = await overLink("export", "--format", "csv", "--out", "records.csv");
    expect(exported).toMatchObject({ status: 0, result: { isVerified: true } });
    const rows = readFileSync(path.join(folder, "records.csv"), "utf8").trimEnd().split("\n");
    expect(rows).toHaveLength((exported.result.records as number) + 1);
    const monitor = begin("monitor", "--board", "linux", "--link", `listen:${linkPort}`);
    const ended = new Promise((resolve) => monitor.once("close", resolve));
    let heard = "";
    monitor.stdout?.on("data", (bytes: Buffer) => {
      heard += bytes.toString();
    });
    for (const until = Date.now() + 40_000; !heard.includes('"hello"') && Date.now() < until; ) await sleep(100);
    monitor.kill("SIGINT");
    await ended;
    expect(JSON.parse(heard.split("\n")[0] as string)).toBeTypeOf("object");
    expect(heard).toContain("hall-8");
    // Nobody presses.
    const test = await overLink("self-test");
    expect(test.status).toBe(EXIT.unhealthy);
    expect(test.text).toContain("press every key once");
    expect(await overLink("restart", "--by", "9003")).toMatchObject({ status: 0, result: { device: "hall-8" } });
  });

  it("unlock opens it for a maintainer alone, and records it", { timeout: 120_000 }, async () => {
    // It restarts within 15 s, and would forget that it was opened.
    await bench.pass(15_000);
    expect((await overLink("unlock", "--by", "1024")).status).toBe(EXIT.unhealthy);
    expect(await overLink("unlock", "--by", "9003")).toMatchObject({ status: 0, result: { by: "9003" } });
    const { status, result } = await overConsole("export", "--out", "records.jsonl");
    expect(status).toBe(0);
    expect(result).toMatchObject({ isVerified: true });
    expect(readFileSync(path.join(folder, "records.jsonl"), "utf8")).toMatch(/"alert":"unlock","detail":"9003"/);
  });

  it("status and config get look at an open one, and self-test does not stop one that is locked", { timeout: 60_000 }, async () => {
    expect(await overConsole("status")).toMatchObject({ status: 0, result: { device: "hall-8", isLockInstalled: true, problems: [] } });
    expect(await overConsole("config get")).toMatchObject({ status: 0, result: { device: "hall-8", version: 1, timeoutMs: 30000 } });
    expect((await overConsole("self-test")).status).toBe(EXIT.given);
  });

  it("config set and roster set change it, and lose no record", { timeout: 120_000 }, async () => {
    const person = '  - { badge: "W26:2C4D5E", number: "00010", name: 欧阳静怡, post: 社会保障 }\n';
    writeFileSync(path.join(folder, "next.yaml"), SITE(linkPort, 2, person));
    expect(await overConsole("config set", "--config", "next.yaml", "--leave-open")).toMatchObject({ status: 0, result: { configuration: 2 } });
    expect(await overConsole("roster set", "--config", "next.yaml", "--leave-open")).toMatchObject({ status: 0, result: { people: 3 } });
    expect(await overConsole("config get")).toMatchObject({ result: { version: 2 } });
    const other = await overConsole("config set", "--config", "next.yaml", "--counter", "9");
    expect(other.status).toBe(EXIT.given);
    expect(other.failure.error).toContain("this terminal is hall-8");
    expect(await overConsole("restart")).toMatchObject({ status: 0, result: { device: "hall-8" } });
  });

  it("update refuses what is no firmware, takes back one that does not come up, and puts on one that does", { timeout: 240_000 }, async () => {
    const before = (await overConsole("status")).result.records as number;
    writeFileSync(path.join(folder, "photo.jpg"), Buffer.from([255, 216, 255, 224, 0, 16]));
    const none = await overConsole("update", "--firmware", "photo.jpg", "--leave-open");
    expect(none.status).toBe(EXIT.given);
    expect(none.failure.error).toContain("is no firmware");
    // It runs, and does nothing.
    writeFileSync(path.join(folder, "idle.js"), "setInterval(function () {}, 1000);\n");
    const idle = await overConsole("update", "--firmware", "idle.js", "--leave-open");
    expect(idle.status).toBe(EXIT.unhealthy);
    expect(idle.failure.state).toBe("The terminal is open and serves with the firmware that it had before. No record is missing.");
    const bundle = readFileSync(path.join(folder, "dist/linux/firmware.js"), "utf8");
    writeFileSync(path.join(folder, "next.js"), `${bundle.trimEnd()};"another";\n`);
    for (const words of [["--firmware", "next.js"], []])
      expect(await overConsole("update", "--leave-open", ...words)).toMatchObject({ status: 0, result: { device: "hall-8" } });
    const { result } = await overConsole("status");
    expect(result).toMatchObject({ device: "hall-8", problems: [] });
    expect(result.records).toBeGreaterThan(before);
  });

  it("flash of a list goes on behind one that fails, and refuses a ledger of another key", { timeout: 120_000 }, async () => {
    writeFileSync(path.join(folder, "jobs.csv"), `counter,port,board\n9,tcp://127.0.0.1:1,linux\n8,${bench.port},linux\n`);
    const list = await run("flash", "--config", "next.yaml", "--list", "jobs.csv", "--leave-open");
    expect(list.status).toBe(EXIT.partly);
    expect(list.failure.error).toBe("1 of 2 devices were not done.");
    expect(list.text).toContain('"configuration":2');
    const other = await flash("--keys", "other-keys");
    expect(other.status).toBe(EXIT.ledger);
    expect(other.failure.state).toBe("Nothing was written to the device.");
  });

  it("flash of a list can be run again: what is done and closed stays as it is", { timeout: 180_000 }, async () => {
    const again = (): Promise<Said> => run("flash", "--config", "next.yaml", "--list", "jobs.csv", "--despite-faults");
    expect((await again()).status).toBe(EXIT.partly);
    const second = await again();
    expect(second.failure.error).toBe("1 of 2 devices were not done.");
    expect(second.result).toMatchObject({ device: "hall-8", doneAt: expect.stringMatching(/^20/) });
    writeFileSync(path.join(folder, "jobs.csv"), `8,${bench.port},linux\n9,${bench.port},linux\n`);
    const other = await run("flash", "--config", "hall.yaml", "--list", "jobs.csv", "--despite-faults");
    expect(other.status).toBe(EXIT.partly);
    expect(other.text).not.toContain("doneAt");
    expect(await overLink("unlock", "--by", "9003")).toMatchObject({ status: 0 });
  });

  it("reset makes a bare board of it, when it is named", { timeout: 60_000 }, async () => {
    expect((await overConsole("reset", "--yes", "hall-9")).status).toBe(EXIT.given);
    expect(await overConsole("reset", "--yes", "hall-8")).toMatchObject({ status: 0, result: { device: "hall-8" } });
    expect((await overConsole("status")).status).toBe(EXIT.unhealthy);
    expect(existsSync(path.join(folder, "secrets/devices/hall-8"))).toBe(true);
  });
});
