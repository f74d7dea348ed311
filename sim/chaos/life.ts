// A process that lives through one piece of chaos after another, as sim/chaos/lives.ts asks.

import { type ChaosOptions, runChaos } from "./chaos.js";

process.on("message", async (options: ChaosOptions) => {
  process.send?.(await runChaos(options));
});
