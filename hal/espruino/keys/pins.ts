// Keys on pins: contacts to ground, the chip's pull-up, edges by setWatch with the interrupt's own time.

import type { KeyName, Keys } from "../../keys.js";
import type { EspruinoClock } from "../clock.js";
import { part, startOnce } from "../part.js";

/** @param pins one pin a key, by their names on the board */
export function createKeys(clock: EspruinoClock, pins: Readonly<Record<KeyName, string>>): Keys {
  let isStarted = false;
  return {
    start(onEdge) {
      isStarted = startOnce(isStarted);
      const edges = { repeat: true, edge: "both" } as const;
      return (Object.keys(pins) as KeyName[]).filter((key) => {
        const pin = part<Pin>(pins[key]);
        pinMode(pin, "input_pullup");
        // No native debounce: it answers only after the contact is quiet, and never on Linux.
        setWatch((event) => onEdge(key, !event.state, clock.fromSeconds(event.time)), pin, edges);
        return !digitalRead(pin);
      });
    },
  };
}
