// Builds what the tests share: the firmware of every board, into `dist`, before the first test. What is there already, made from the same sources, stays.

import { boardNames, currentFirmware } from "../firmware/tools/build/build.js";

/** Called by vitest once. @throws BuildError when a board does not build */
export async function setup(): Promise<void> {
  for (const name of boardNames()) await currentFirmware(name);
}
