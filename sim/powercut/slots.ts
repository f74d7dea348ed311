// Replaces configuration, roster and pictures, and cuts the power in every write and erase, also in those of the start behind a cut. Behind every cut the
// terminal must have all of the new files or all of the old ones, and the ledger must say which.

import { createHash } from "node:crypto";
import { openSlots, type Slots } from "../../firmware/config/slots.js";
import type { Ledger } from "../../firmware/ledger/ledger.js";
import { RecordType } from "../../firmware/ledger/records.js";
import { parseConfig } from "../../firmware/tools/provision/config-schema.js";
import { seal } from "../../firmware/tools/provision/seal.js";
import { personSchema, rosterText } from "../../firmware/tools/provision/site.js";
import { packConfig } from "../../firmware/tools/provision/stored-config.js";
import type { Flash } from "../../hal/flash.js";
import { cutsOf, nameOfCut } from "../chips/cut-models.js";
import type { NorFlash } from "../chips/nor-flash.js";
import { simulatedParts } from "../world/simulated-key.js";
import { createChip, cutImage, type Recorded, readImage, recordingFlash, startLedger, textOf } from "./device.js";
import { type Ring, ringOf } from "./geometries.js";
import { Counting, type OnProgress, type Proof, Sample } from "./proof.js";

/** Slots of one page and of two. */
export const SLOT_RINGS: readonly Ring[] = [ringOf(2, 1024, 4, 2), ringOf(3, 512, 8, 4)];

const NAMES = ["config", "roster", "pictures"] as const;
export type FileName = (typeof NAMES)[number];
/** The files that a terminal reads, as byte strings. */
export type Files = Readonly<Record<FileName, string>>;

/** Number of bytes of a file in one message. It divides no length of these files. */
const PIECE_BYTES = 72;

export function configFile(version: number): string {
  return Buffer.from(packConfig(parseConfig({ version, device: "sim-08", counter: "8" })), "utf8").toString("latin1");
}

/** A roster of one clerk. */
export function rosterFile(number: string): string {
  const clerk = personSchema.parse({ badge: "W26:1A2B3C", number, name: "王小明", post: "综合受理" });
  return Buffer.from(rosterText([clerk]), "utf8").toString("latin1");
}

/** A file of pictures. Its content does not matter here. @param words distinguish it from others */
export function picturesFile(words: string): string {
  return seal(`GLY4${words}`);
}

export function sha256Of(file: string): string {
  return createHash("sha256").update(Buffer.from(file, "latin1")).digest("hex");
}

export const PROVISIONED: Files = { config: configFile(1), roster: rosterFile("1001"), pictures: "" };
/** The updates. Each file is replaced by one of them and kept by another, and a slot is used twice. */
const UPDATES: readonly (readonly [FileName, string])[] = [
  ["roster", rosterFile("1002")],
  ["pictures", picturesFile("one")],
  ["config", configFile(20000)],
  ["pictures", picturesFile("the others")],
  ["roster", rosterFile("1003")],
];

/** One start of a terminal: its ledger, its slots, and the first record. */
export class SlottedTerminal {
  readonly ledger: Ledger;
  readonly slots: Slots;
  /** The pictures that the screen got. */
  readonly shown: string[] = [];
  atMs = 1000;

  /** @param logId name of a new log */
  constructor(flash: Flash, logId = 1234) {
    this.ledger = startLedger(flash, () => logId);
    const parts = simulatedParts(flash);
    this.slots = openSlots(
      {
        ...parts,
        store: { read: (name) => PROVISIONED[name as FileName] || undefined },
      },
      this.ledger,
      { addPictures: (glyphs) => this.shown.push(glyphs) },
    );
  }

  /** Writes the record of a start. */
  begin(): void {
    this.append(RecordType.Started, ["0.1.0", 1, "-", "ok", 0]);
    this.ledger.acknowledge(this.ledger.last());
  }

  files(): Files {
    return { config: this.slots.read("config") ?? "", roster: this.slots.read("roster") ?? "", pictures: this.slots.read("pictures") ?? "" };
  }

  say(command: Readonly<Record<string, unknown>>, isIdle = true): string {
    return this.slots.update(
      command,
      isIdle,
      this.atMs,
      (type, fields) => this.append(type, fields),
      () => "ok",
    );
  }

  /** Replaces a file, as a host does. @returns "ok", or the first other answer */
  replace(what: FileName, file: string): string {
    let answer = this.say({ do: "replace", what, bytes: file.length, sha256: sha256Of(file), by: "admin" });
    for (let at = 0; answer === "ok" && at < file.length; at += PIECE_BYTES) {
      answer = this.say({ do: "piece", at, data: Buffer.from(file.slice(at, at + PIECE_BYTES), "latin1").toString("base64") });
    }
    return answer === "ok" ? this.say({ do: "commit" }) : answer;
  }

  private append(type: RecordType, fields: readonly (string | number)[]): boolean {
    this.atMs += 1000;
    return this.ledger.append(type, this.atMs, 0, textOf(fields)) === "ok";
  }
}

/** A moment at which the power may go. */
interface Moment {
  readonly step: string;
  readonly old: Files;
  readonly new: Files;
  /** Generation of the new files. */
  readonly generation: number;
}

/** The operations of all updates, each with its moment. */
function rehearse(ring: Ring): readonly (Recorded & { readonly moment: Moment })[] {
  const chip = createChip(ring);
  const flash = recordingFlash(chip);
  const operations: (Recorded & { readonly moment: Moment })[] = [];
  let told = 0;
  const note = (moment: Moment): void => {
    for (; told < flash.recorded.length; told++) operations.push({ ...(flash.recorded[told] as Recorded), moment });
  };
  let terminal = new SlottedTerminal(flash);
  terminal.begin();
  told = flash.recorded.length;
  let files = PROVISIONED;
  UPDATES.forEach(([what, file], i) => {
    const next = { ...files, [what]: file };
    const answer = terminal.replace(what, file);
    if (answer !== "ok") throw new Error(`${ring.name}: a new ${what} is refused: ${answer}`);
    note({ step: `a new ${what}`, old: files, new: next, generation: i + 1 });
    terminal = new SlottedTerminal(flash);
    terminal.begin();
    note({ step: `the start after a new ${what}`, old: files, new: next, generation: i + 1 });
    files = next;
  });
  return operations;
}

class Loss extends Error {}

function demand(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Loss(what);
}

function demandFiles(terminal: SlottedTerminal, wanted: Files, { old, new: newer }: Moment, when: string): void {
  const files = terminal.files();
  const ages = NAMES.map((name) => {
    const file = files[name];
    return `${name} ${file === old[name] && file === newer[name] ? "as ever" : file === old[name] ? "old" : file === newer[name] ? "new" : "broken"}`;
  });
  demand(
    NAMES.every((name) => files[name] === wanted[name]),
    `${when}: ${ages.join(", ")}, and the ledger says all ${wanted === newer ? "new" : "old"}`,
  );
}

/** Checks the start behind a cut. @returns its operations, which may be cut too @throws Loss */
function examine(chip: NorFlash, image: Uint8Array, moment: Moment): readonly Recorded[] {
  chip.bytes.set(image);
  const flash = recordingFlash(chip);
  const first = new SlottedTerminal(flash);
  // A start that repairs nothing only writes its record: the proof of the ledger covers that.
  if (flash.recorded.length === 0) flash.stopRecording();
  const found = readImage(chip.bytes, chip.geometry, false);
  demand(found.problems.length === 0, `the reader finds: ${found.problems.join("; ")}`);
  const isSwitched = found.records.some((record) => record.type === "switched" && record.generation === moment.generation);
  const files = isSwitched ? moment.new : moment.old;
  demandFiles(first, files, moment, "at the start");
  first.begin();
  flash.stopRecording();

  const second = new SlottedTerminal(flash);
  second.begin();
  demandFiles(second, files, moment, "at the next start");
  const roster = rosterFile("1999");
  const answer = second.replace("roster", roster);
  demand(answer === "ok", `another roster is refused: ${answer}`);
  demandFiles(second, files, moment, "before the restart");
  const third = new SlottedTerminal(flash);
  third.begin();
  const last = third.files();
  demand(
    last.roster === roster && last.config === files.config && last.pictures === files.pictures,
    "another roster was brought in, and is not there with the same configuration and pictures",
  );
  const { problems } = readImage(chip.bytes, chip.geometry);
  demand(problems.length === 0, `in the end the reader finds: ${problems.join("; ")}`);
  return flash.recorded;
}

export interface SlotsOptions {
  /** Names of the rings. Default: all. */
  readonly rings?: readonly Ring[];
  /** Number of the only operation to cut. Default: all. */
  readonly operation?: number | undefined;
  /** Seed of the random patterns. */
  readonly seed?: number | undefined;
  /** One cut in so many is tried. Default: 1, all. */
  readonly oneIn?: number | undefined;
  readonly onProgress?: OnProgress;
}

/** Cuts every operation in every way, and every operation of the start behind the cut. */
export function proveSlots({ rings = SLOT_RINGS, operation: only, seed = 0, oneIn, onProgress }: SlotsOptions = {}): Proof {
  const counting = new Counting("slots");
  const sample = new Sample(oneIn);
  for (const ring of rings) {
    const chip = createChip(ring);
    const operations = rehearse(ring);
    operations.forEach(({ moment, ...recorded }, number) => {
      if (only !== undefined && only !== number) return;
      onProgress?.(ring, number, operations.length);
      const known = new Map<string, boolean>();
      let level = [recorded as Recorded];
      for (const range of ["all", "few"] as const) {
        const next: Recorded[] = [];
        for (const each of level) {
          for (const cut of sample.of(cutsOf(each.operation, each.before, ring, range, seed))) {
            const image = cutImage(each, ring, cut);
            const key = Buffer.from(image.buffer, image.byteOffset, image.length).toString("latin1");
            if (!known.has(key)) {
              let problem: string | undefined;
              try {
                next.push(...examine(chip, image, moment));
              } catch (error) {
                problem = error instanceof Loss ? error.message : `it threw ${(error as Error).stack}`;
                counting.fail({
                  point: `slots:${ring.name}:${number} (${range === "all" ? "" : "the start after it, "}${nameOfCut(cut)})`,
                  step: moment.step,
                  problem,
                });
              }
              known.set(key, problem !== undefined);
            }
            counting.count(ring, cut.model, known.get(key) === true);
          }
        }
        level = next;
      }
      counting.images += known.size;
    });
  }
  return counting.proof();
}
