// The files in the store of a scenario's terminal. Drawing glyphs takes a second, so it is done once for each language and roster.

import { checkConfig } from "../firmware/config/config.js";
import { type Site, type StoreFiles, storeFiles } from "../firmware/tools/site.js";
import { SIMULATED_KEY } from "./simulated-key.js";

const drawn = new Map<string, StoreFiles>();

/** As `storeFiles`, remembered. Of a configuration only its language matters to the other files. */
export function contentsOf(config: Readonly<Record<string, unknown>>, site: Pick<Site, "people" | "reasons">): StoreFiles {
  const text = JSON.stringify(config);
  const key = JSON.stringify([checkConfig(text).config?.language ?? "zh-CN", site.people, site.reasons]);
  let files = drawn.get(key);
  if (!files) {
    files = storeFiles(config, site, SIMULATED_KEY);
    drawn.set(key, files);
  }
  return { ...files, config: Buffer.from(text, "utf8") };
}
