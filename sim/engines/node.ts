// The `node` engine: the firmware's TypeScript sources over the simulated layer, in virtual time. It is the fastest of the three.

import { createOwnClock as createNoOwnClock } from "../../firmware/app/no-own-clock.js";
import { createOwnClock } from "../../firmware/app/own-clock.js";
import { startApp } from "../../firmware/app.js";
import { openSlots as openNoSlots } from "../../firmware/config/no-slots.js";
import { openSlots } from "../../firmware/config/slots.js";
import { createScreen } from "../../firmware/display/screen.js";
import { createScreen as createSegmentScreen } from "../../firmware/display/segment-screen.js";
import { createStatus as createNoStatus } from "../../firmware/uplink/no-status.js";
import { createStatus } from "../../firmware/uplink/status.js";
import { createSimulatedHal } from "../hal/simulated-hal.js";
import type { Engine } from "../world/world.js";

export const nodeEngine: Engine = {
  name: "node",
  start(world) {
    const { hal, inputs, stop } = createSimulatedHal(world);
    const { display } = hal;
    const screen = "digits" in display ? createSegmentScreen(display) : createScreen(display, hal.store, hal.crc32, hal.clock.nowMs);
    startApp(
      hal,
      screen,
      hal.flash.slotPages ? openSlots : openNoSlots,
      world.board.link.driver === "network" ? createStatus : createNoStatus,
      world.board.clock ? createOwnClock : createNoOwnClock,
    );
    return { inputs, stop };
  },
};
