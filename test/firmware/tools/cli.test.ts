// The technician's command line, run as a technician runs it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { bundleBudgetBytes } from "../../../firmware/tools/build/budgets.js";
import { boardNames, readBoard } from "../../../firmware/tools/build/build.js";
import { programBytes } from "../../../firmware/tools/build/tokens.js";
import { EXIT } from "../../../firmware/tools/tool-error.js";
import { FIRMWARE_VERSION } from "../../../firmware/version.js";
import { commandLine, type Ended } from "./command-line.js";

function build(...options: string[]): Promise<Ended> {
  return run("build", ...options);
}

function run(...words: string[]): Promise<Ended> {
  return commandLine(words);
}

describe("npm run build", { timeout: 120_000 }, () => {
  it("names the boards that there are when it is given another", async () => {
    const { status, stderr } = await build("--board", "pico,uno");
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^there is no board "uno": use ${boardNames().join(", ")} or all\n`));
  });

  it("prints the size of a bundle beside its budget, and writes it with the script that installs it", async () => {
    const { status, stdout, stderr } = await build("--board", "pico");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const code = readFileSync("dist/pico/firmware.js", "utf8");
    const script = "secrets/devices/sim-08/install-pico.js";
    expect(stdout.trimEnd().split(/ +/)).toEqual([
      "pico",
      String(programBytes(code).length),
      "of",
      String(bundleBudgetBytes(readBoard("pico"))),
      "bytes",
      "ok",
      script,
    ]);
    expect(readFileSync(script, "utf8")).toContain("'.bootcde'");
  });

  it("names the counters of the site when it is given another", async () => {
    const { status, stderr } = await build("--board", "pico", "--counter", "99");
    expect(status).toBe(1);
    expect(stderr).toMatch(/site\.yaml: there is no counter "99": the site has 8\./);
  });

  it("refuses a configuration that is wrong, and tells all of it", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "site-"));
    const file = path.join(folder, "site.yaml");
    writeFileSync(file, `counters: [{ version: 1, device: d, counter: "1", timeoutMs: 1, colour: red }]\npeople: []\n`);
    const { status, stderr } = await build("--board", "pico", "--config", file);
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr.trim().split("\n").slice(0, -2)).toEqual([
      `${file}:1: counters[0].timeoutMs: must be a whole number from 5000 to 120000`,
      `${file}:1: counters[0].colour: unknown field: take it out`,
    ]);
  });

  it("says which site file it cannot read", async () => {
    const { status, stderr } = await build("--config", "nowhere.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain("nowhere.yaml");
  });
});

describe("npx counter-terminal", () => {
  it("writes a site file to begin with and its schema, and never over another", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "site-"));
    const file = path.join(folder, "hall.yaml");
    expect(await run("init", file)).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(readFileSync(path.join(folder, "site.schema.json"), "utf8"))).toMatchObject({ type: "object" });
    expect(await run("check", file, "--json")).toMatchObject({ status: 0, stdout: `${JSON.stringify({ file, problems: [], wiring: [] })}\n` });
    const again = await run("init", file);
    rmSync(folder, { recursive: true });
    expect(again.status).toBe(1);
    expect(again.stderr).toContain("exists already");
  });

  it("says which boards can show an emergency text, and which characters the others lack", async () => {
    const shown = await run("check", "sim/site.yaml", "--emergency", "火警！请从安全出口离开");
    expect(shown).toMatchObject({ status: 0, stderr: "" });
    expect(shown.stdout).toContain("pico, counter 8: the emergency text can be shown");
    const missing = await run("check", "sim/site.yaml", "--emergency", "龘火龘", "--json");
    expect(missing.status).toBe(1);
    expect(JSON.parse(missing.stdout)).toMatchObject({
      missing: expect.arrayContaining([{ board: "esp32", counter: "8", characters: "龘", isTooLong: false }]),
    });
  });

  it("has every exit code in the technician's page", () => {
    const guide = readFileSync("firmware/tools/GUIDE.md", "utf8");
    const codes = [...guide.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual([0, ...Object.values(EXIT)]);
  });

  it("says everything that is wrong with a list of devices, before it goes to any", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "jobs-"));
    const file = path.join(folder, "jobs.csv");
    // As a spreadsheet writes it.
    writeFileSync(file, '\ufeff"counter","port","board"\r\n8,tcp://127.0.0.1:1,linux\r\n8,tcp://127.0.0.1:1,linux\r\n9;;pico\r\n77,x,pico\r\n');
    const { status, stderr } = await run("flash", "--config", "sim/site.yaml", "--list", file);
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr.trim().split("\n").slice(0, -2)).toEqual([
      `${file}:3: counter 8 stands above already: no two terminals may be one`,
      `${file}:4: must be counter,port,board: the port is missing`,
      `${file}:5: sim/site.yaml: there is no counter "77": the site has 8.`,
    ]);
  });

  it("says of a port that nobody is at what happened, the state, and what to do; for scripts too", { timeout: 120_000 }, async () => {
    const words = ["status", "--board", "linux", "--port", "tcp://127.0.0.1:1"];
    const { status, stderr } = await run(...words);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^tcp:\/\/127\.0\.0\.1:1 does not answer: .*\n {2}State: Nothing was sent to the device\.\n {2}To do: Check address/);
    expect(JSON.parse((await run(...words, "--json")).stdout)).toMatchObject({
      code: "portUnavailable",
      state: "Nothing was sent to the device.",
      exitCode: 2,
    });
  });

  it("ends quietly when nobody reads on", () => {
    const piped = `set -o pipefail; "${process.execPath}" firmware/tools/counter-terminal.js schema | true`;
    const { status, stderr } = spawnSync("bash", ["-c", piped], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("starts from its launcher, as an installed package does, without a build step", () => {
    const launched = spawnSync(process.execPath, ["firmware/tools/counter-terminal.js", "--help"], { encoding: "utf8" });
    expect(launched).toMatchObject({ status: 0, stderr: "" });
    const commands = [...launched.stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name);
    for (const name of ["build", "init", "check", "flash", "status", "update", "unlock", "receive", "ledger"]) expect(commands).toContain(name);
  });

  it("knows each command by the name that it has in the help", async () => {
    const { stdout } = await run("--help");
    const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name as string).filter((name) => name !== "help");
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) expect((await run(name, "--help")).stdout, name).toContain(`Usage: counter-terminal ${name}`);
  });

  it("says its version, which is that of the package and of the firmware", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await run("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
    expect(FIRMWARE_VERSION).toBe(version);
    expect((await run("--help")).stdout).toContain("--version");
  });

  it("says of a command that does not exist where to look", async () => {
    const { status, stderr } = await run("fly");
    expect(status).toBe(EXIT.given);
    expect(stderr).toContain("unknown command 'fly'");
    expect(stderr).toContain("--help");
  });
});
