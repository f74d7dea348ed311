// The label: its words always, and its QR code where the optional package for it is installed.

import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, expect, it } from "vitest";
import { labelText, makeLabel } from "../../../firmware/tools/label.js";

const RESULT = { device: "hall 1", counter: "8", board: "pico", firmware: "0.1.0", configuration: 3, serial: "3a0028-001650" };

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve("qrcode");
    return true;
  } catch {
    return false;
  }
}

if (!isInstalled()) console.warn("SKIPPED the QR code of a label: the package qrcode is not installed");

afterAll(() => rmSync("dist/devices/hall 1", { recursive: true, force: true }));

it("says who the terminal is, for people and scanners", async () => {
  const { words } = await makeLabel(RESULT);
  for (const word of ["hall 1", "8", "0.1.0, pico", "3a0028-001650"]) expect(words).toContain(word);
  const { protocol, pathname, searchParams } = new URL(labelText(RESULT));
  expect([protocol, decodeURIComponent(pathname)]).toEqual(["counter-terminal:", "hall 1"]);
  expect(Object.fromEntries(searchParams)).toEqual({ counter: "8", board: "pico", firmware: "0.1.0", configuration: "3", serial: "3a0028-001650" });
});

it.skipIf(!isInstalled())("has a QR code on the screen, and in a file to be printed", async () => {
  const { words, file } = await makeLabel(RESULT);
  expect(words).toMatch(/[█▀▄]{10}/);
  expect(readFileSync(file as string, "utf8")).toContain("<svg");
});
