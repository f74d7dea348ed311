// Replaces slots.ts on boards whose flash has no pages to spare. There configuration, roster and pictures stay as they were provisioned.

import type { Hal } from "../../hal/hal.js";
import type { Slots } from "./slots.js";

export function openSlots(parts: Pick<Hal, "store">): Slots {
  return {
    read: parts.store.read,
    update: (command) => (command["do"] === "replace" ? "noSlots" : ""),
  };
}
