// Some views of the gallery on the real interpreter: with its own graphics they are the approved pictures too, one of each layout on every display.
// `npm run gallery -- --check --engine all` compares all of them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { enginesFor } from "../../sim/engines/index.js";
import { deviations, galleryDisplays } from "../../sim/gallery/gallery.js";
import { VIEWS } from "../../sim/gallery/views.js";

const why = process.env.ESPRUINO ? undefined : "set ESPRUINO=/path/to/espruino";
if (why) console.warn(`SKIPPED the gallery on the real interpreter: ${why}`);

/** A view of each layout. */
const CHOSEN = [
  "nobody-on-duty",
  "staff-card-party-and-stars",
  "invite",
  "thanks",
  "reasons",
  "badge-unknown",
  "emergency",
  "emergency-long",
  "configuration-damaged",
];
const views = VIEWS.filter(({ name }) => CHOSEN.includes(name));

it.skipIf(why).each(galleryDisplays().flatMap((display) => display.languages.map((language) => [display.width, language, display] as const)))(
  "shows what was approved on a display of %i pixels in %s",
  { timeout: 120_000 },
  async (_, language, display) => {
    expect(views).toHaveLength(CHOSEN.length);
    const { engines } = await enginesFor(display.board, "espruino");
    expect(engines.map(({ name }) => name)).toEqual(["espruino"]);
    const folder = mkdtempSync(path.join(tmpdir(), "gallery-"));
    const found = engines.flatMap((engine) => deviations(display, language, engine, folder, views));
    expect(found.map(({ view, file }) => `${view}: ${file}`)).toEqual([]);
    // Where something differs its pictures are kept, for people to look at.
    rmSync(folder, { recursive: true });
  },
);
