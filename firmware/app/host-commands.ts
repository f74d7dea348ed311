// Carries out the commands of the host. The rules' own ones become events; the others need the ledger, the roster, the files or the board.

import type { Hal } from "../../hal/hal.js";
import { findNumber, type Staff } from "../config/roster.js";
import type { Slots } from "../config/slots.js";
import type { Screen } from "../display/screen.js";
import { BEGUN, textOf } from "../ledger/layout.js";
import type { Ledger } from "../ledger/ledger.js";
import { Outcome, RecordType } from "../ledger/records.js";
import { wordIn } from "../terminal/commands.js";
import { type Event, EventKind } from "../terminal/events.js";
import { isAsking } from "../terminal/session.js";
import { Session, type State } from "../terminal/state.js";
import type { Checkpoint } from "./checkpoint.js";
import { type Append, fieldsOf } from "./recorder.js";

/** Time for an answer to leave before a restart. */
const RESTART_MS = 2000;

export interface HostCommandParts {
  readonly hal: Hal;
  readonly screen: Screen;
  readonly slots: Slots;
  readonly state: State;
  readonly ledger: Ledger;
  readonly checkpoint: Checkpoint;
  readonly append: Append;
  readonly recallIds: () => void;
  /** Sends an alert to the hall. */
  readonly alert: (alert: string, detail: string) => void;
  readonly handle: (event: Event) => void;
}

export interface HostCommands {
  /** As `onCommand` of the uplink's parts. */
  carryOut(command: Record<string, unknown>, atMs: number): string | object;
  /** Restarts the board, if that was ordered and nobody is in a session. */
  passRestart(atMs: number): void;
}

export function createHostCommands(parts: HostCommandParts): HostCommands {
  const hal = parts.hal;
  const state = parts.state;
  const slots = parts.slots;
  let restartAtMs = Infinity;

  /** Who has a staff number, or undefined. */
  function find(number: unknown): Staff | undefined {
    return typeof number === "string" ? findNumber(slots, number) : undefined;
  }

  /** Whether a staff number is that of somebody with this role. */
  function isRole(number: unknown, role: string): boolean {
    const staff = find(number);
    return !!staff && staff.role === role && !staff.isRevoked;
  }

  /** Records and tells the hall what is done to the terminal, and by whom. @returns whether it could be recorded */
  function announce(what: string, by: string, atMs: number): boolean {
    if (!parts.append(RecordType.Alert, [what, by], atMs)) return false;
    parts.alert(what, by);
    return true;
  }

  function restartSoon(atMs: number): string {
    restartAtMs = atMs + RESTART_MS;
    return "ok";
  }

  return {
    passRestart(atMs) {
      if (state.session === Session.Idle && atMs >= restartAtMs) hal.restart();
    },

    carryOut(command, atMs) {
      parts.recallIds();
      const what = command["do"] as string;
      const by = command["by"] as string;
      if (what === "restart") {
        if (!wordIn(state, command, "by")) return state.result;
        announce(what, by, atMs);
        return restartSoon(atMs);
      }
      const updated = slots.update(command, state.session === Session.Idle, atMs, parts.append, restartSoon);
      if (updated) return updated;
      if (what === "emergency") {
        const text = hal.fromBase64("" + (command["text64"] || ""));
        const objection = parts.screen.objectionTo(text);
        if (objection) return objection;
        command = { "do": "emergency", "text": text, "crc": text && hal.crc32(text) };
      } else if (/^(card|void|approve|leader)/.test(what) && !isRole(by, "supervisor")) {
        return "bad by";
      } else if (what === "card") {
        if (!find(command["staff"])) return "bad staff";
      } else if (what === "unlock") {
        if (!isRole(by, "maintainer")) return "bad by";
        if (!announce(what, by, atMs)) return "ledger";
        hal.unlock();
        return "ok";
      } else if (what === "totals") {
        // Counting takes a while, and nobody may have to wait for it.
        if (isAsking(state)) return "busy";
        const totals = parts.checkpoint.countTotals(0);
        return { "since": totals.since, "counts": totals.rows[command["row"] as string] || [] };
      } else if (what === "void") {
        const sequence = command["seq"] as number;
        const record = parts.ledger.read(sequence);
        if (!record) return "gone";
        const values = fieldsOf(textOf(record.bytes));
        const type = (record.bytes[1] as number) & ~BEGUN;
        const isSession = type === RecordType.Session;
        // These two do not count, so there is nothing to void.
        if (type === RecordType.Voided || (isSession && values[2] === Outcome.Pending)) return "bad seq";
        command["transaction"] = type === RecordType.Card || (isSession && values[2] === Outcome.Rated) ? values[1] : "";
        const totals = parts.checkpoint.countTotals(sequence);
        if (totals.problem) return totals.problem;
        command["counted"] = totals.counted;
      }
      parts.handle({ kind: EventKind.Commanded, command, atMs });
      return state.result;
    },
  };
}
