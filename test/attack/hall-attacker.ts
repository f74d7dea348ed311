// An attacker of receivers, written from firmware/uplink/PROTOCOL.md, firmware/ledger/FORMAT.md and firmware/hall/RECEIVE.md alone: neither this file nor those that it
// imports import anything of the project. It plays strangers, the holder of one key, hostile peers, boards that are replaced, and what happens to files. Two honest terminals
// have to be served before each case and behind it. Run by itself it plays the cases that its command line names, and prints the outcomes as JSON.

import { pathToFileURL } from "node:url";
import { type Attacked, Hall, type HallCase, RECEIVE } from "./attacked-hall.js";
import { BOARD_CASES } from "./hall-boards.js";
import { BROKER_CASES } from "./hall-brokers.js";
import { CABLE_CASES } from "./hall-cables.js";
import { DISK_CASES } from "./hall-disks.js";
import { FILE_CASES } from "./hall-files.js";
import { OPERATOR_CASES } from "./hall-operator.js";
import { STRANGER_CASES } from "./hall-strangers.js";

export interface HallOutcome {
  readonly case: string;
  readonly outcome: string;
  /** Lines, connections or packets that were sent against the receiver. */
  readonly inputs: number;
}

export const HALL_CASES: readonly HallCase[] = [
  ...STRANGER_CASES,
  ...BOARD_CASES,
  ...CABLE_CASES,
  ...FILE_CASES,
  ...DISK_CASES,
  ...BROKER_CASES,
  ...OPERATOR_CASES,
];

/**
 * Plays cases, each against a receiver of its own.
 * @param names of the cases; none: all of them
 * @param attacked how `receive` is run; as anybody runs it, where nothing else is said
 */
export async function attackHalls(names: readonly string[], attacked: Attacked = RECEIVE): Promise<HallOutcome[]> {
  const outcomes: HallOutcome[] = [];
  for (const each of HALL_CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const hall = new Hall(attacked);
    let outcome: string;
    try {
      outcome = (await each.run(hall)) || (await hall.judge()) || (hall.ended === undefined ? "held" : `the receiver has ended: ${hall.ended}`);
    } catch (error) {
      outcome = (error as Error).message;
    } finally {
      await hall.end();
    }
    outcomes.push({ case: each.name, outcome, inputs: hall.inputs });
  }
  return outcomes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(JSON.stringify(await attackHalls(process.argv.slice(2))));
