// The gallery: the firmware's views equal the approved pictures, every view is among them, and a different picture is reported.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { afterAll, describe, expect, it } from "vitest";
import type { Language } from "../../firmware/config/config.js";
import { layoutsFor } from "../../firmware/display/layouts.js";
import { PHRASE_LINES, PHRASES } from "../../firmware/display/phrases.js";

import { enginesFor } from "../../sim/engines/index.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { deviations, galleryDisplays, readSheet, sheetFile, writeDifference } from "../../sim/gallery/gallery.js";
import { paintPanel } from "../../sim/gallery/panel-picture.js";
import { VIEWS } from "../../sim/gallery/views.js";
import { readScreen } from "../../sim/scenario/screen.js";
import { Pixels } from "../../sim/world/pixels.js";
import { isBuilt } from "../boards.js";

const displays = galleryDisplays();
const folder = mkdtempSync(path.join(tmpdir(), "gallery-"));
/** Whether a view differs. Then the folder with the images stays, so that people can look at them. */
let isNeeded = false;

afterAll(() => {
  if (!isNeeded) rmSync(folder, { recursive: true });
});

describe.each(displays.map((display) => [`${display.width}x${display.height}`, display] as const))("On %s", (_, display) => {
  it.each(display.languages)("every view in %s is as approved", { timeout: 120_000 }, (language) => {
    const found = deviations(display, language, nodeEngine, folder);
    if (found.length > 0) isNeeded = true;
    expect(found.map(({ view, file }) => `${view}: ${file}`)).toEqual([]);
  });

  it.runIf(display.languages.includes("zh-CN"))("every phrase is in the gallery, and every layout has a phrase", () => {
    const sheet = readSheet(sheetFile(display, "zh-CN"), display);
    const missing = Object.entries(PHRASES["zh-CN"]).filter(([, text]) => {
      const parts = text.split(/[|#]/).map((part) => part.trim());
      return !sheet.some((pixels) => pixels && parts.filter((part) => part !== "").every((part) => readScreen(pixels).shows(part)));
    });
    expect(missing.map(([id]) => id)).toEqual([]);
    const shown = new Set(Object.values(PHRASE_LINES).flatMap((lines) => lines.map((line) => line.split(" ")[0])));
    // The layouts of an emergency text differ in its lines only.
    expect(Object.keys(layoutsFor(display)).filter((layout) => !shown.has(layout.replace(/^(alert)[23]$/, "$1")))).toEqual([]);
  });
});

describe("The gallery on the bundle", () => {
  it("is as approved in one language on every display", { timeout: 300_000 }, async () => {
    for (const display of displays.filter(({ board }) => isBuilt(board.name))) {
      const { engines } = await enginesFor(display.board, "bundle");
      for (const engine of engines) expect(deviations(display, display.languages[0] as Language, engine, folder)).toEqual([]);
    }
  });
});

describe("A picture that differs", () => {
  it("is told with its view, and drawn: green was approved, red is there now, grey is both", () => {
    const [approved, found] = [new Pixels(128, 64), new Pixels(128, 64)];
    approved.set(1, 1, true);
    approved.set(2, 1, true);
    found.set(2, 1, true);
    found.set(3, 1, true);
    const file = path.join(folder, "difference.png");
    writeDifference(file, approved, found);
    const { width, data } = PNG.sync.read(readFileSync(file));
    const colourAt = (x: number): number[] => [...data.subarray((4 * width + x * 4) * 4, (4 * width + x * 4) * 4 + 3)];
    expect([1, 2, 3, 4].map(colourAt)).toEqual([
      [0, 220, 80],
      [120, 120, 120],
      [255, 40, 40],
      [16, 16, 16],
    ]);
  });

  it("is found when one pixel is another", () => {
    const [display] = displays;
    if (!display) throw new Error("there is no display");
    const engine = {
      ...nodeEngine,
      start: (world: Parameters<typeof nodeEngine.start>[0]) => {
        const show = world.showPicture.bind(world);
        world.showPicture = (draw) =>
          show((pixels) => {
            draw(pixels);
            pixels.set(0, 63, !pixels.get(0, 63));
          });
        return nodeEngine.start(world);
      },
    };
    const found = deviations(display, "en", engine, folder);
    expect(found.map(({ view }) => view)).toEqual(VIEWS.map(({ name }) => name));
    expect(found.every(({ file }) => existsSync(file))).toBe(true);
  });
});

describe("The pictures for people", () => {
  it("show lit dots where the panel is lit, in a bezel", () => {
    const pixels = new Pixels(128, 64);
    pixels.set(0, 0, true);
    const { width, height, data } = paintPanel(pixels);
    expect([width, height]).toEqual([128 * 4 + 44, 64 * 4 + 44]);
    const brightness = (x: number, y: number): number => data[(y * width + x) * 4] as number;
    expect([brightness(22, 22) > 200, brightness(26, 22) < 50, brightness(25, 25) < 50]).toEqual([true, true, true]);
  });

  it("take little room in the repository, all together", () => {
    const files = [
      ...displays.flatMap((display) => display.languages.map((language) => sheetFile(display, language))),
      fileURLToPath(new URL("../../sim/gallery/contact-sheet.png", import.meta.url)),
    ];
    expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(400_000);
  });
});
