// A process that plays one life of chaos after another for sim/chaos/lives.ts.

import { type ChaosOptions, runChaos } from "./chaos.js";

process.on("message", async (options: ChaosOptions) => {
  process.send?.(await runChaos(options));
});
