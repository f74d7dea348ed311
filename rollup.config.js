// Builds the firmware of one board: `npx rollup -c --configBoard NAME`. `npm run build` does it for one board or all of them, with more around it.
// The options stand in firmware/tools/build/bundle.ts.

import { tsImport } from "tsx/esm/api";

/** @type {typeof import("./firmware/tools/build/bundle.js")} */
const { firmwareOptions } = await tsImport("./firmware/tools/build/bundle.ts", import.meta.url);

/** @param {{ configBoard?: string }} words of the command line */
export default ({ configBoard = "pico" }) => firmwareOptions(configBoard);
