// Disks that fail while a receiver writes, power cuts that take what a disk had not promised to keep, and files that are exchanged just before the receiver dies.

import { randomInt } from "node:crypto";
import { cpSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { backUp, begin, fetchedBack, goOn, type Hall, type HallCase, restoreBackup } from "./attacked-hall.js";
import { type DiskState, FailingDisk } from "./failing-disk.js";
import type { Terminal } from "./honest-terminal.js";

/** How long the receiver gets to acknowledge what it must not, in ms. */
const TEMPTED_MS = 1500;
const CUTS = 12;
/** So many records come behind the checkpoint: what they leave in the log fits no older file. */
const BEHIND = 3;

/** Files on a disk that fails. */
async function onDisk(hall: Hall, run: (disk: FailingDisk) => Promise<string>): Promise<string> {
  const disk = new FailingDisk(hall.folder);
  hall.environment = disk.environment;
  try {
    return await run(disk);
  } finally {
    disk.set("is well");
    disk.remove();
  }
}

function writeAll(hall: Hall, word: string): void {
  for (const terminal of hall.terminals) {
    for (let n = 0; n < 3; n++) terminal.write(`"1024","T-${word}",0,5,1000`);
    terminal.greet();
  }
}

/** The disk fails, and records come. @param wait lets the receiver do what it can @returns what was acknowledged although it must not be, or "" */
async function tempted(hall: Hall, disk: FailingDisk, state: DiskState, wait: () => Promise<unknown>): Promise<string> {
  const acknowledged = hall.terminals.map((terminal) => terminal.acknowledged);
  disk.set(state);
  hall.inputs++;
  writeAll(hall, "bad");
  await wait();
  return hall.terminals.some((terminal, i) => terminal.acknowledged !== acknowledged[i]) ? `a disk that ${state}: something was acknowledged` : "";
}

/** The disk fails: nothing is acknowledged, and people are told. @returns what went wrong, or "" */
async function failed(hall: Hall, disk: FailingDisk, state: DiskState): Promise<string> {
  const from = hall.said.length;
  const problem = await tempted(hall, disk, state, async () => {
    await hall.until("words about the disk", () => hall.said.slice(from).includes("Nothing is acknowledged meanwhile") || hall.ended !== undefined);
    await sleep(TEMPTED_MS);
  });
  if (problem) return problem;
  if (hall.ended !== undefined) return `a disk that ${state} ends it: ${hall.said.slice(-400)}`;
  const said = hall.said.slice(from);
  const wanted = {
    "can only be read": /only be read|read-only/,
    "is full": /full/,
    "does not write": /disk/,
    "does not write the witness": /disk/,
    "does not take what was written": /disk/,
    "is well": /^$/,
  };
  return wanted[state].test(said) ? "" : `a disk that ${state}: it says something else: ${said}`;
}

const TROUBLES = ["can only be read", "is full", "does not write", "does not take what was written"] as const;

/** The disk fails in each of these ways, and is well again each time. */
function recovers(states: readonly DiskState[]): HallCase["run"] {
  return (hall) =>
    onDisk(hall, async (disk) => {
      let problem = await begin(hall);
      for (const state of states) {
        problem ||= await failed(hall, disk, state);
        disk.set("is well");
        problem ||= await hall.served(`behind a disk that ${state}`);
      }
      return problem || hall.judge();
    });
}

/** The receiver dies while its disk fails, in each way. @param andThen what else becomes of the disk */
function diesOnBadDisk(andThen: (disk: FailingDisk) => void): HallCase["run"] {
  return (hall) =>
    onDisk(hall, async (disk) => {
      let problem = await begin(hall);
      for (const state of TROUBLES) {
        problem ||= await failed(hall, disk, state);
        await hall.stop("SIGKILL");
        disk.set("is well");
        andThen(disk);
        problem ||= (await goOn(hall)) || (await hall.judge());
      }
      return problem;
    });
}

export const DISK_CASES: readonly HallCase[] = [
  {
    name: "the disk becomes read-only, fills up, and fails, and is well again each time",
    run: recovers(TROUBLES),
  },
  {
    name: "the disk takes the database and not its witness",
    run: recovers(["does not write the witness"]),
  },
  {
    name: "the output of the receiver goes to a file, and the disk of both fills up and fails",
    run: (hall) =>
      onDisk(hall, async (disk) => {
        hall.logs = true;
        let problem = await begin(hall);
        for (const state of TROUBLES.slice(0, 3)) {
          problem ||= await tempted(hall, disk, state, () => sleep(2 * TEMPTED_MS));
          disk.set("is well");
          problem ||=
            hall.ended === undefined ? await hall.served(`behind a disk that ${state}`) : `a disk that ${state} ends it: ${hall.said.slice(-600)}`;
        }
        return problem || hall.judge();
      }),
  },
  {
    name: "the receiver is killed while its disk fails",
    run: diesOnBadDisk(() => undefined),
  },
  {
    name: "the power goes while the disk fails, and takes what the disk had not promised",
    run: diesOnBadDisk((disk) => disk.cutPower(() => randomInt(2) === 0)),
  },
  {
    name: "the power goes again and again while terminals send",
    run: (hall) =>
      onDisk(hall, async (disk) => {
        let problem = await begin(hall);
        for (let cut = 0; cut < CUTS && !problem; cut++) {
          for (let n = 0; n < 30; n++) {
            writeAll(hall, `cut-${cut}`);
            await sleep(randomInt(20));
          }
          await hall.stop("SIGKILL");
          // Now and then all of it is gone, or all of it is there.
          const [kept, of] = [randomInt(5), 4];
          disk.cutPower(() => randomInt(of) < kept);
          hall.inputs++;
          problem = await goOn(hall);
          problem ||= await hall.judge();
        }
        return problem;
      }),
  },
  {
    name: "an older copy is written over the database while the receiver runs, and it is killed before it notices",
    async run(hall) {
      const backup = path.join(hall.folder, "backup.sqlite");
      const old = path.join(hall.folder, "old");
      const problem = await begin(hall);
      if (problem) return problem;
      await hall.stop();
      cpSync(hall.database, old);
      let wrong = (await goOn(hall)) || (await backUp(hall, backup));
      // One terminal is silent, and the other one goes on until the log was taken in and has begun anew.
      const [, two] = hall.terminals as [Terminal, Terminal];
      const { mtimeMs } = statSync(hall.database);
      for (let behind = 0; behind < BEHIND && !wrong; behind += statSync(hall.database).mtimeMs === mtimeMs ? 0 : 1) {
        two.write('"1024","T-more",0,5,1000');
        two.greet();
        await hall.until("an acknowledgement", () => two.acknowledged === two.records.length);
      }
      if (wrong) return wrong;
      await hall.stop("SIGKILL");
      cpSync(old, hall.database);
      hall.inputs++;
      const said = await hall.start();
      if (said) {
        if (!/receive restore|restore the newest backup/.test(said)) return `it does not say what to do: ${said}`;
        return (await restoreBackup(hall, backup)) || (await goOn(hall)) || fetchedBack(hall);
      }
      hall.connectAll();
      wrong = (await hall.served("behind it")) || (await fetchedBack(hall));
      if (wrong) return wrong;
      const { words } = await hall.command("report");
      return /restored, or an old copy|this database is older than that/.test(words) ? "" : `nobody is told: ${words}`;
    },
  },
];
