// Asks terminals for records that they have had acknowledged and that are not here: this database was restored from a backup, or another receiver has them. What is
// missing follows from the database alone, so that it is asked for until it is here, however often receiver, terminal and link end meanwhile.

import { ToolError } from "../../tools/tool-error.js";
import type { Command } from "../../uplink/messages.js";
import type { NumberRange } from "../store/rows.js";
import { lostForGood } from "./alarms.js";
import type { Answer } from "./command-queue.js";
import type { HallState } from "./hall-state.js";
import type { LogState, Logs } from "./logs.js";

/** How often in a row a record is asked for that the terminal sends and that does not come. After that it is asked for behind the next hello. */
const TRIES = 5;
/** A terminal whose link is busy is asked again after so long, in ms. */
const BUSY_MS = 1000;
/** So many records in a row that the terminal has not say that it has none of those before, but for a few tries. A page of flash that failed may hold as many. */
const NEAR = 64;

/** What became of a record that was asked for. `late`: it was sent, and has not come. */
type Found = "here" | "gone" | "late";

/** The terminal has another log now, or does not know the command. */
const ENDED = new ToolError("commandRefused", "The terminal sends nothing more of this log.", "What has come is stored.", "Wait for its next hello.");

export interface FetchBackParts {
  readonly hall: HallState;
  readonly logs: Logs;
  /** As in `Receiver`. */
  readonly commandTo: (device: string, command: Command) => Promise<Answer>;
  /** Takes something in with the next batch. */
  readonly enqueue: (run: () => void) => void;
  /** What is missing of a log is here now, or lost for good. */
  readonly onSettled: (log: LogState) => void;
}

export interface FetchBack {
  /** A terminal has said which log it has. Asks for what is missing of it. */
  begin(log: LogState): void;
}

export function createFetchBack({ hall, logs, commandTo, enqueue, onSettled }: FetchBackParts): FetchBack {
  const { store, clock } = hall;
  /** Terminals that are being asked. */
  const asked = new Set<string>();

  async function ask({ head: { device, log } }: LogState, sequence: number): Promise<Found> {
    for (let tries = 0; ; tries++) {
      if (store.find(device, log, sequence)) return "here";
      if (tries === TRIES) return "late";
      if (hall.device(device).log !== log) throw ENDED;
      const answer = await commandTo(device, { do: "resend", seq: sequence });
      if (!("error" in answer)) continue;
      if (answer.error === "gone") return store.find(device, log, sequence) ? "here" : "gone";
      if (answer.error !== "busy") throw ENDED;
      await new Promise<void>((resolve) => void clock.after(BUSY_MS, resolve));
    }
  }

  /** Asks for everything that is missing. What the terminal will overwrite next comes first: its oldest. @returns whether each is here or gone */
  async function askAll(log: LogState, missing: readonly NumberRange[]): Promise<boolean> {
    const count = missing.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    let isAll = true;
    const look = async (i: number): Promise<boolean> => {
      const found = await ask(log, numberAt(missing, i));
      if (found === "late") isAll = false;
      return found !== "gone";
    };
    let first = 0;
    for (let end = count; first < end; ) {
      const middle = (first + end) >> 1;
      if (await look(middle)) end = middle;
      else first = middle + 1;
    }
    for (let i = first; i < count; i++) await look(i);
    // Records before these may be there as well: one that the search met may be one that flash has lost.
    for (let i = first - 1, gone = 0; i >= 0; ) {
      if (!(await look(i))) {
        gone++;
        i -= gone < NEAR ? 1 : 2 ** (gone - NEAR);
        continue;
      }
      gone = 0;
      for (let between = i + 1; between < first; between++) await look(between);
      first = i;
      i--;
    }
    return isAll;
  }

  async function fetch(log: LogState): Promise<void> {
    const { device, log: name } = log.head;
    const upTo = log.head.sequence;
    const missing = store.missing(device, name, log.head.floor, upTo);
    if (!(await askAll(log, missing))) return;
    enqueue(() => {
      const known = logs.of(device, name, -1);
      const left = store.missing(device, name, known.head.floor, upTo);
      if (left.length > 0) hall.raise(lostForGood(device, name, left));
      logs.settleUpTo(known, upTo);
      onSettled(known);
    });
  }

  return {
    begin(log) {
      const { device } = log.head;
      if (log.isWhole || asked.has(device)) return;
      asked.add(device);
      fetch(log)
        .catch((error: unknown) => {
          // The terminal, its link or the receiver has ended, or the database takes nothing. It goes on behind the next hello.
          if (!(error instanceof ToolError)) throw error;
        })
        .finally(() => asked.delete(device));
    },
  };
}

/** A number of some ranges, by its place. There may be billions: whoever has a key may say that everything was acknowledged. */
function numberAt(ranges: readonly NumberRange[], place: number): number {
  let left = place;
  for (const { first, last } of ranges) {
    if (left <= last - first) return first + left;
    left -= last - first + 1;
  }
  throw new RangeError(`there is no number ${place}`);
}
