// The status of the counter, for people who watch a hall from afar: a broker keeps the newest one. PROTOCOL.md describes it. Boards that have only a cable have no
// room for it (no-status.ts).

import type { Hal } from "../../hal/hal.js";
import type { MessageKind } from "../../hal/link.js";
import type { OwnClock } from "../app/own-clock.js";
import { Setting } from "../config/config.js";
import { KEYS, nameOf } from "../terminal/key-health.js";
import { isAsking } from "../terminal/session.js";
import { Hours, isServing, type State } from "../terminal/state.js";

/**
 * Sends the status whenever it has changed, and after each hello, as soon as the link takes it.
 * @param isGreeted whether a hello was sent just now
 */
export type KeepStatus = (nowMs: number, isGreeted: boolean) => void;

/** @param flaws as in `Ledger` @param ownClock where the wall time comes from @param tell sends a message, and returns whether the link took it */
export function createStatus(
  hal: Pick<Hal, "vitals">,
  state: State,
  flaws: () => string,
  ownClock: OwnClock,
  tell: (kind: MessageKind, message: object) => boolean,
): KeepStatus {
  /** The status that was sent last, or "". */
  let told = "";
  return (nowMs, isGreeted) => {
    const clerk = state.clerk ? state.clerk.number : "";
    let faults = state.configProblem ? ",config" : "";
    if (state.isLedgerDown) faults += ",ledger";
    if (state.isDisplayDown) faults += ",display";
    if (state.isReaderDown) faults += ",badgeReader";
    if (flaws()) faults += ",flash";
    if (ownClock.isDown()) faults += ",clock";
    const dead = state.keysStuck | state.keysDead;
    for (let key = 0; dead && key < KEYS; key++) if (dead & (1 << key)) faults += "," + nameOf(key);
    const standing = state.configProblem
      ? "outOfOrder"
      : !clerk
        ? state.hours === Hours.Always || state.hours === Hours.Open
          ? "unattended"
          : "closed"
        : state.pause
          ? "paused"
          : !isServing(state)
            ? "closed"
            : isAsking(state)
              ? "asking"
              : "open";
    const words = standing + " " + clerk + " " + state.pause + ownClock.source() + faults;
    if (words === told && !isGreeted) return;
    const vitals = hal.vitals();
    const status: Record<string, unknown> = {
      "online": true,
      "state": standing,
      "clerk": clerk,
      "pause": state.pause,
      "faults": faults ? faults.substr(1).split(",") : [],
      "config": state.config[Setting.Version],
      "uptime": Math.floor(nowMs / 1000),
      "free": vitals.free,
      "flags": vitals.flags,
    };
    if (ownClock.source()) status["time"] = ownClock.source();
    told = tell("status", { "status": status }) ? words : "";
  };
}
