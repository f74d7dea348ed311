// The `node` engine: the firmware's TypeScript sources over the simulated layer, in virtual time. The fastest of the three.

import { startApp } from "../../firmware/app.js";
import { checkConfig } from "../../firmware/config/config.js";
import { createSimulatedHal } from "../hal/simulated-hal.js";
import type { Engine } from "../world.js";

export const nodeEngine: Engine = {
  name: "node",
  start(world) {
    const { hal, inputs, stop } = createSimulatedHal(world);
    startApp({ hal, checked: checkConfig(hal.store.read("config")), toBase64: (bytes) => Buffer.from(bytes).toString("base64"), resetCause: "power" });
    return { inputs, stop };
  },
};
