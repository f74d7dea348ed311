// npm run gallery: draws every view on every display in every language, and compares them with the approved pictures or approves them.

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { PNG } from "pngjs";
import type { Language } from "../../firmware/config/config.js";
import { sizeOf } from "../../firmware/display/layouts.js";
import { runProgram } from "../../firmware/tools/program.js";
import { ENGINE_NAMES, type EngineName, enginesFor } from "../engines/index.js";
import type { Pixels } from "../world/pixels.js";
import { deviations, type GalleryDisplay, galleryDisplays, reachView, sheetFile, writeSheet } from "./gallery.js";
import { contactSheet, paintPanel } from "./panel-picture.js";
import { VIEWS } from "./views.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The views on the contact sheet, in rows. */
const CONTACTS: readonly (readonly (readonly [size: string, language: Language, view: string])[])[] = [
  [
    ["128x64", "zh-CN", "nobody-on-duty"],
    ["128x64", "zh-CN", "staff-card"],
    ["128x64", "zh-CN", "invite"],
    ["128x64", "zh-CN", "thanks"],
  ],
  [
    ["128x64", "zh-TW", "pause-meeting-neighbour-open"],
    ["128x64", "zh-CN", "reasons"],
    ["128x64", "zh-CN", "badge-unknown"],
    ["128x64", "en", "staff-card"],
  ],
  [
    ["256x64", "zh-CN", "pause-meeting-neighbour-open"],
    ["256x64", "zh-CN", "staff-card-party-and-stars"],
  ],
  [
    ["256x64", "zh-CN", "invite"],
    ["256x64", "zh-CN", "emergency"],
  ],
  [
    ["128x24", "en", "staff-card"],
    ["128x24", "en", "invite"],
    ["128x24", "en", "pause-meeting-neighbour-open"],
  ],
];

function save(file: string, png: PNG): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, PNG.sync.write(png, { colorType: 2, deflateLevel: 9 }));
}

/** Draws every view on the engine `node`, for people and as approved pictures. */
function draw(displays: readonly GalleryDisplay[], node: Parameters<typeof reachView>[3]): void {
  const seen = new Map<string, Pixels>();
  const segmentSizes = new Set<string>();
  for (const display of displays) {
    const size = `${display.width}x${display.height}`;
    const isSegments = sizeOf(display.board.display.driver) === null;
    if (isSegments) segmentSizes.add(size);
    for (const language of display.languages) {
      const pictures = VIEWS.map((view) => reachView(view, display, language, node));
      writeSheet(sheetFile(display, language), display, pictures);
      VIEWS.forEach(({ name }, i) => {
        seen.set(`${size} ${language} ${name}`, pictures[i] as Pixels);
        save(path.join(ROOT, "dist/gallery", size, language, `${name}.png`), paintPanel(pictures[i] as Pixels, undefined, isSegments));
      });
    }
  }
  const rows = CONTACTS.map((row) => row.map((names) => paintPanel(seen.get(names.join(" ")) as Pixels, 2, segmentSizes.has(names[0]))));
  save(fileURLToPath(new URL("contact-sheet.png", import.meta.url)), contactSheet(rows, 8));
  console.log("dist/gallery has every view as a person sees it; sim/gallery has the pictures that --check compares with");
}

async function check(displays: readonly GalleryDisplay[], which: EngineName | "all"): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), "gallery-"));
  let count = 0;
  let isEqual = true;
  for (const display of displays) {
    const { engines, skipped } = await enginesFor(display.board, which);
    for (const { name, why } of skipped) console.log(`SKIPPED  ${name}: ${why}`);
    for (const engine of engines) {
      for (const language of display.languages) {
        const found = deviations(display, language, engine, folder);
        count += VIEWS.length;
        for (const { view, file } of found) console.log(`DIFFERS  ${display.width}x${display.height} ${language} ${engine.name} ${view}: ${file}`);
        if (found.length > 0) isEqual = false;
      }
    }
  }
  console.log(isEqual ? `${count} views are as approved` : "green was approved, red is there now, grey is both");
  return isEqual;
}

const program = new Command("gallery")
  .description("Draws every view on every display in every language. What it draws is approved with the next commit.")
  .option("--check", "compare with the approved pictures, and write an image of each difference")
  .addOption(new Option("--engine <name>", "what runs the firmware, with --check").choices([...ENGINE_NAMES, "all"]).default("node"))
  .action(async ({ check: isCheck, engine }: { check?: boolean; engine: EngineName | "all" }) => {
    const displays = galleryDisplays();
    if (isCheck) {
      if (!(await check(displays, engine))) process.exitCode = 1;
      return;
    }
    const { engines } = await enginesFor((displays[0] as GalleryDisplay).board, "node");
    for (const node of engines) draw(displays, node);
  });

await runProgram(program);
