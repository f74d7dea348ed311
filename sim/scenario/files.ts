// The files in the store of a scenario's terminal. To draw glyphs takes a second, so it is done once for each language and roster.

import type { Board } from "../../firmware/boards/board.js";
import type { Config } from "../../firmware/config/config.js";
import { type DisplaySize, sizeOf } from "../../firmware/display/layouts.js";
import { filesOn } from "../../firmware/tools/provision/board-files.js";
import {
  configOf,
  personSchema,
  picturesFile,
  rosterText,
  type Shown,
  type StoreFiles,
  siteSchema,
  storeFiles,
  withReasons,
} from "../../firmware/tools/provision/site.js";
import { packConfig } from "../../firmware/tools/provision/stored-config.js";
import { SIMULATED_KEY } from "../world/simulated-key.js";
import type { Replacement, Scenario } from "./scenario.js";

const drawn = new Map<string, StoreFiles>();

/**
 * `storeFiles` with a cache. The other files depend on the language and the counter of the configuration, and on nothing else in it.
 * @param on the board, for files as a board of its kind gets them; or the size of a display, for files with few characters of emergency texts
 */
export function contentsOf(fields: Readonly<Record<string, unknown>>, site: Shown, on?: Board | DisplaySize | null): StoreFiles {
  const config = configOf(fields);
  const board = on && "display" in on ? on : undefined;
  const key = JSON.stringify([config.language, config.counter, site.people, site.reasons, site.phrases, on]);
  let files = drawn.get(key);
  if (!files) {
    files = board ? filesOn(board, fields, site, SIMULATED_KEY) : storeFiles(fields, site, SIMULATED_KEY, on as DisplaySize | null | undefined);
    drawn.set(key, files);
  }
  return { ...files, config: Buffer.from(packConfig(config), "utf8") };
}

/**
 * The files in the store of a scenario's terminal: those of the tool, with the changes that the scenario makes behind its back.
 * @throws as `storeFiles` does
 */
export function storeOf(
  scenario: Pick<Scenario, "board" | "config" | "uncheckedConfig" | "storage" | "people" | "reasons">,
): Readonly<Record<string, Buffer>> {
  const files: Record<string, Buffer> = { ...contentsOf(scenario.config, scenario, scenario.board) };
  const config = { ...configOf(scenario.config), ...scenario.uncheckedConfig } as Config;
  files.config = Buffer.from(packConfig(config), "utf8");
  for (const [name, state] of Object.entries(scenario.storage)) {
    if (state === "missing") delete files[name];
    if (state === "damaged") files[name] = damaged(files[name] as Buffer);
  }
  return files;
}

/**
 * A file that the host sends to a terminal of this scenario.
 * @throws SiteError, ConfigError and ZodError when the tool refuses to make it
 */
export function replacementOf(
  { board, config, people, reasons }: Pick<Scenario, "board" | "config" | "people" | "reasons">,
  { people: more, config: changed, "unchecked-config": unchecked, pictures }: Replacement,
): { readonly name: string; readonly bytes: Buffer } {
  const size = pictures && sizeOf(board.display.driver);
  if (size) {
    const own = siteSchema.pick({ people: true, phrases: true }).parse({ people: [], ...pictures });
    return { name: "pictures", bytes: picturesFile(config, { people: [...people, ...own.people], reasons, phrases: own.phrases }, size) };
  }
  if (more)
    return {
      name: "roster",
      bytes: Buffer.from(
        rosterText(
          withPeople(
            people,
            more.map((person) => personSchema.parse(person)),
          ),
        ),
        "utf8",
      ),
    };
  const next = { ...configOf(withReasons({ ...config, ...changed }, reasons)), ...unchecked } as Config;
  return { name: "config", bytes: Buffer.from(packConfig(next), "utf8") };
}

/** A new roster: who has the badge or the staff number of somebody takes their place, and all others are added. */
function withPeople(people: Scenario["people"], more: Scenario["people"]): Scenario["people"] {
  const stay = people.filter(({ badge, number }) => !more.some((person) => person.badge === badge || person.number === number));
  return [...stay, ...more];
}

/** The same bytes with one bit in the middle changed. */
function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] as number) ^ 1;
  return copy;
}
