// A supply that fails again and again: every start begins the same record, and the power goes in it. The remains of these attempts lie in the way of the next
// start. The rings have long pages, as on boards, because short ones do not hold so many remains.

import { RecordType } from "../../firmware/ledger/records.js";
import { type Cut, cutsOf } from "../chips/cut-models.js";
import { flashOver, PowerCut } from "../chips/nor-flash.js";
import { Examiner } from "./check.js";
import { CLERK, type DayOperation, letters, type Moment, Rehearsal, rate } from "./day.js";
import { createChip, type Expected, startLedger, textOf, type Value } from "./device.js";
import { type Ring, ringOf } from "./geometries.js";
import { Counting, type Proof } from "./proof.js";

/** Pages of an ESP32, of an Espruino WiFi and, shorter, of a Pico. */
export const LONG_RINGS: readonly Ring[] = [ringOf(16, 4096, 4), ringOf(3, 16384, 4), ringOf(1, 8192, 4)];
/** Text of the record: for one slot, and for four. */
const LENGTHS = [5, 190];
/** The cuts of the write that are tried, as fractions of the list of all its cuts. */
const PARTS = [0.02, 0.3, 0.6, 0.95];
const WRITES = ["first", "second"] as const;
/** Number of slots that are used at the end. A page of 64 is not full then. */
const SPENT_SLOTS = 50;

/** Cuts the same write at start after start, and examines the content of flash behind each. */
export function proveAgain(rings: readonly Ring[] = LONG_RINGS): Proof {
  const counting = new Counting("again");
  for (const ring of rings) {
    const examiner = new Examiner(ring);
    for (const length of LENGTHS) {
      const { moment, before } = attempt(ring, ["key", letters(length)]);
      for (const part of PARTS) {
        for (const write of WRITES) {
          let times = 0;
          for (const image of remainsOf(ring, before, moment, write, part)) {
            times++;
            const { problem } = examiner.examine(image, moment);
            counting.images++;
            counting.count(ring, `${write} write of ${length} letters`, problem !== undefined);
            if (!problem) continue;
            counting.fail({
              point: `again:${ring.name} (${length} letters, part ${part} of the ${write} write, ${times} times)`,
              step: moment.step,
              problem,
            });
            break;
          }
        }
      }
    }
  }
  return counting.proof();
}

/** The content of flash after each start whose record was not completed. */
function* remainsOf(ring: Ring, before: Uint8Array, moment: Moment, write: (typeof WRITES)[number], part: number): Generator<Uint8Array> {
  const record = moment.continuations.at(-1)?.[0] as Expected;
  const chip = createChip(ring);
  chip.bytes.set(before);
  for (let spent = 0; spent < SPENT_SLOTS; spent += slotsOf(record)) {
    const ledger = startLedger(flashOver(chip), () => 1);
    chip.cutAt({
      operations: WRITES.indexOf(write),
      choose(operation, bytes) {
        const cuts = cutsOf(operation, bytes, ring).filter(({ model }) => model === "units" || model === "bits");
        return cuts[Math.floor((cuts.length - 1) * part)] as Cut;
      },
    });
    try {
      ledger.append(record.type, record.uptimeMs, record.wallSeconds, textOf(record.values));
      throw new Error("the power was to go in this record");
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    chip.cutAt(undefined);
    yield chip.bytes;
  }
}

/** Most slots of a record. */
function slotsOf({ values }: Expected): number {
  return Math.ceil((textOf(values).length + 40) / 64);
}

/** A log with a few records, at the moment when the next one is written. */
function attempt(ring: Ring, values: readonly Value[]): DayOperation {
  const counter = new Rehearsal(ring);
  counter.start();
  counter.append(RecordType.SignIn, [CLERK, "W26:1A2B3C", ""]);
  for (const grade of [5, 4, 3]) rate(counter, grade);
  counter.acknowledge(2);
  counter.append(RecordType.Reason, [CLERK, "T-1", 209]);
  counter.append(RecordType.Alert, values);
  return counter.operations[counter.operations.length - 2] as DayOperation;
}
