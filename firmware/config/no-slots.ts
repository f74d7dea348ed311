// Boards whose flash has no pages to spare: configuration, roster and pictures stay as they were provisioned. Takes the place of slots.ts there.

import type { Hal } from "../../hal/hal.js";
import type { Slots } from "./slots.js";

export function openSlots(parts: Pick<Hal, "store">): Slots {
  return {
    read: parts.store.read,
    update: (command) => (command["do"] === "replace" ? "noSlots" : ""),
  };
}
