// The technician's command line, run as a technician runs it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { boardNames } from "../../../firmware/tools/build.js";

function build(...options: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["--import", "tsx", "firmware/tools/cli.ts", "build", ...options], { encoding: "utf8" });
}

describe("npm run build", () => {
  it("names the boards that there are when it is given another", () => {
    const { status, stderr } = build("--board", "pico,uno");
    expect(status).toBe(1);
    expect(stderr.trim()).toBe(`there is no board "uno": use ${boardNames().join(", ")} or all`);
  });

  it("prints the size of a bundle beside its budget, and writes it with the script that installs it", () => {
    const { status, stdout, stderr } = build("--board", "pico");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const code = readFileSync("dist/pico/firmware.js");
    expect(stdout.trimEnd().split(/ +/)).toEqual(["pico", String(code.length), "of", "32768", "bytes", "ok"]);
    expect(readFileSync("dist/pico/install.js", "utf8")).toContain("'.bootcde'");
  });

  it("names the counters of the site when it is given another", () => {
    const { status, stderr } = build("--board", "pico", "--counter", "99");
    expect(status).toBe(1);
    expect(stderr).toMatch(/site\.yaml: there is no counter "99": use 8/);
  });

  it("refuses a configuration that is wrong, and tells all of it", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "site-"));
    const file = path.join(folder, "site.yaml");
    writeFileSync(file, `counters: [{ version: 1, device: d, counter: "1", timeoutMs: 1, colour: red }]\npeople: []\n`);
    const { status, stderr } = build("--board", "pico", "--config", file);
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([
      `${file}:1: counters[0].timeoutMs: must be a whole number from 5000 to 120000`,
      `${file}:1: counters[0].colour: unknown field: take it out, or see how it is spelt`,
    ]);
  });

  it("says which site file it cannot read", () => {
    const { status, stderr } = build("--config", "nowhere.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain("nowhere.yaml");
  });
});
