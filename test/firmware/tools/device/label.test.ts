// The label: its words, and its QR code.

import { readFileSync, rmSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { labelText, makeLabel } from "../../../../firmware/tools/device/label.js";
import { failureOf } from "./bench.js";

const RESULT = { device: "label-1", counter: "8", board: "pico", firmware: "0.1.0", configuration: 3, serial: "3a0028-001650" };

afterAll(() => {
  rmSync("secrets/devices/label-1", { recursive: true, force: true });
});

it("says who the terminal is, for people and scanners", async () => {
  const { words } = await makeLabel(RESULT);
  for (const word of ["label-1", "8", "0.1.0, pico", "3a0028-001650"]) expect(words).toContain(word);
  const { protocol, pathname, searchParams } = new URL(labelText(RESULT));
  expect([protocol, decodeURIComponent(pathname)]).toEqual(["counter-terminal:", "label-1"]);
  expect(Object.fromEntries(searchParams)).toEqual({ counter: "8", board: "pico", firmware: "0.1.0", configuration: "3", serial: "3a0028-001650" });
});

it("has a QR code on the screen, and the whole label in a file to be printed", async () => {
  const { words, file } = await makeLabel({ ...RESULT, serial: "3a<28" });
  expect(words).toMatch(/[█▀▄]{10}/);
  const picture = readFileSync(file, "utf8");
  expect(picture).toContain("<path");
  for (const word of ["label-1", ">8<", "0.1.0, pico", "3a&lt;28"]) expect(picture).toContain(word);
});

it("is written nowhere for a name that leads elsewhere", async () => {
  expect(await failureOf(makeLabel({ ...RESULT, device: "../label-1" }))).toMatchObject({ code: "configInvalid" });
});
