// The gallery: every view on every size of display in every language, as the firmware draws it, and the approved pictures of them.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import type { Board } from "../../firmware/boards/board.js";
import type { Language } from "../../firmware/config/config.js";
import { type DisplaySize, sizeOf } from "../../firmware/display/layouts.js";
import { readBoard } from "../../firmware/tools/build/build.js";
import { SIGNED_COMMANDS } from "../../firmware/tools/link/message-schemas.js";
import type { KeyName } from "../../hal/keys.js";
import { contentsOf } from "../scenario/files.js";
import { createScenarioHost } from "../scenario/host.js";
import { createPanel } from "../world/panel.js";
import { Pixels } from "../world/pixels.js";
import { type Engine, World } from "../world/world.js";
import { type Counter, configOf, type GalleryView, LONG_NAMED, peopleOf, reasonsOf, VIEWS } from "./views.js";

export const LANGUAGES: readonly Language[] = ["zh-CN", "zh-TW", "en"];

/** A display, and a board that has it. */
export interface GalleryDisplay extends DisplaySize {
  readonly board: Board;
  /** The languages that differ on it. Seven-segment digits have one set of words for all. */
  readonly languages: readonly Language[];
}

/** A board for each kind of display. */
const BOARDS = ["pico", "test/boards/ssd1322.ts", "test/boards/max7219.ts"];

export function galleryDisplays(): readonly GalleryDisplay[] {
  return BOARDS.map(readBoard).map((board) => {
    const { width, height } = createPanel(board.display);
    return { width, height, board, languages: sizeOf(board.display.driver) ? LANGUAGES : ["en"] };
  });
}

/** Plays the steps that lead to a view. @returns the panel at their end */
export function reachView(view: GalleryView, display: GalleryDisplay, language: Language, engine: Engine): Pixels {
  // A person with a long name works there alone: a Pico has no room for the names of all.
  const people = peopleOf(language).filter(({ number }) => (number === LONG_NAMED) === view.name.includes("long-name"));
  const site = { people, reasons: reasonsOf(language) };
  const files: Record<string, Buffer> = { ...contentsOf(configOf(view, language), site, sizeOf(display.board.display.driver)) };
  if (view.isDamaged) files.config = Buffer.from("damaged");
  const world = new World({ board: display.board, engine, files });
  const host = createScenarioHost(world, undefined, () => {
    throw new Error("no view needs another file");
  });
  const wait = (ms: number): void => world.advanceTo(world.clock.nowMs + ms);
  const hold = (key: KeyName): void => {
    world.setKey(key, true);
    wait(100);
  };
  const counter: Counter = {
    wait,
    hold,
    badge(who) {
      world.presentBadge(site.people.find(({ number }) => number === who)?.badge ?? who);
      wait(300);
    },
    press(key, holdMs = 100) {
      world.setKey(key, true);
      wait(holdMs);
      world.setKey(key, false);
      wait(400);
    },
    say(command) {
      const problem = host.say(SIGNED_COMMANDS.has(command.do as string) ? { signed: command } : { message: command });
      if (problem) throw new Error(problem);
      wait(100);
      return world.sentLines.at(-1) ?? "";
    },
  };
  try {
    world.powerOn();
    wait(1000);
    view.reach(counter, language);
    return new Pixels(display.width, display.height, world.panel.bytes.slice());
  } finally {
    world.powerOff();
  }
}

// --- approved pictures: a sheet for each display and language, with one pixel for each pixel of the display ---

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

export function sheetFile({ width, height }: DisplaySize, language: Language): string {
  return path.join(FOLDER, `${width}x${height}-${language}.png`);
}

/** Number of columns of a sheet. Between two views is one dark pixel. */
const COLUMNS = 4;

function placeOf(i: number, { width, height }: DisplaySize): { x: number; y: number } {
  return { x: (i % COLUMNS) * (width + 1), y: Math.floor(i / COLUMNS) * (height + 1) };
}

/** A sheet of views in the order of `VIEWS`. */
export function writeSheet(file: string, size: DisplaySize, pictures: readonly Pixels[]): void {
  const last = placeOf(pictures.length - 1, size);
  const png = new PNG({ width: COLUMNS * (size.width + 1), height: last.y + size.height + 1 });
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  pictures.forEach((pixels, i) => {
    const { x, y } = placeOf(i, size);
    for (let row = 0; row < size.height; row++) {
      for (let column = 0; column < size.width; column++)
        if (pixels.get(column, row)) png.data.fill(255, ((y + row) * png.width + x + column) * 4, ((y + row) * png.width + x + column) * 4 + 3);
    }
  });
  writeFileSync(file, PNG.sync.write(png, { colorType: 0, deflateLevel: 9 }));
}

/** The approved pictures, in the order of `VIEWS`; undefined where the sheet has no such view. */
export function readSheet(file: string, size: DisplaySize): readonly (Pixels | undefined)[] {
  const png = PNG.sync.read(readFileSync(file));
  return VIEWS.map((_, i) => {
    const { x, y } = placeOf(i, size);
    if (x + size.width > png.width || y + size.height > png.height) return undefined;
    const pixels = new Pixels(size.width, size.height);
    for (let row = 0; row < size.height; row++) {
      for (let column = 0; column < size.width; column++)
        pixels.set(column, row, (png.data[((y + row) * png.width + x + column) * 4] as number) > 127);
    }
    return pixels;
  });
}

/** Draws the approved picture in green, the new one in red, and pixels of both in grey. */
export function writeDifference(file: string, approved: Pixels | undefined, found: Pixels): void {
  const scale = 4;
  const png = new PNG({ width: found.width * scale, height: found.height * scale });
  for (let y = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++) {
      const was = approved?.get(Math.floor(x / scale), Math.floor(y / scale)) ?? false;
      const is = found.get(Math.floor(x / scale), Math.floor(y / scale));
      const colour = was && is ? [120, 120, 120] : was ? [0, 220, 80] : is ? [255, 40, 40] : [16, 16, 16];
      png.data.set([...colour, 255], (y * png.width + x) * 4);
    }
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, PNG.sync.write(png));
}

export interface Deviation {
  readonly display: DisplaySize;
  readonly language: Language;
  readonly engine: string;
  readonly view: string;
  /** Path of an image of the difference. */
  readonly file: string;
}

/** Compares views with the approved ones. @param folder for images of the differences */
export function deviations(
  display: GalleryDisplay,
  language: Language,
  engine: Engine,
  folder: string,
  views: readonly GalleryView[] = VIEWS,
): readonly Deviation[] {
  const approved = readSheet(sheetFile(display, language), display);
  return views.flatMap((view) => {
    const pixels = reachView(view, display, language, engine);
    const before = approved[VIEWS.indexOf(view)];
    if (before && Buffer.compare(before.bytes, pixels.bytes) === 0) return [];
    const file = path.join(folder, `${display.width}x${display.height}-${language}-${engine.name}-${view.name}.png`);
    writeDifference(file, before, pixels);
    return [{ display, language, engine: engine.name, view: view.name, file }];
  });
}
