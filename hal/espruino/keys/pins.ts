// Keys on pins: contacts to ground with the chip's pull-up. setWatch reports edges with the time of the interrupt.

import type { KeyName, Keys } from "../../keys.js";
import type { EspruinoClock } from "../clock.js";
import { part, startOnce } from "../part.js";

/** @param pins the pin of each key */
export function createKeys(clock: EspruinoClock, pins: Readonly<Record<KeyName, string>>): Keys {
  let isStarted = false;
  return {
    start(onEdge) {
      isStarted = startOnce(isStarted);
      const edges = { repeat: true, edge: "both" } as const;
      return (Object.keys(pins) as KeyName[]).filter((key) => {
        const pin = part<Pin>(pins[key]);
        pinMode(pin, "input_pullup");
        // Without the native debounce, which reports only after the contact is quiet, and never on Linux.
        setWatch((event) => onEdge(key, !event.state, clock.fromSeconds(event.time)), pin, edges);
        return !digitalRead(pin);
      });
    },
  };
}
