// A disk that fails under a receiver, and what a power cut leaves of its files: disk.c is loaded into the receiver's process.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** How the disk is: what `disk.c` reads, by what people would say. */
export const STATES = {
  "is well": ".",
  "can only be read": "r",
  "is full": "f",
  "does not write": "w",
  "does not write the witness": "v",
  "does not take what was written": "s",
} as const;
export type DiskState = keyof typeof STATES;

/** What comes to a medium at once. */
const SECTOR_BYTES = 512;

export class FailingDisk {
  private readonly own = mkdtempSync(path.join(tmpdir(), "disk-"));
  private readonly state = path.join(this.own, "state");
  private readonly medium = path.join(this.own, "medium");

  /** @param folder whose files are on it @throws Error where no C compiler is installed */
  constructor(private readonly folder: string) {
    mkdirSync(this.medium);
    writeFileSync(this.state, STATES["is well"]);
    const source = fileURLToPath(new URL("disk.c", import.meta.url));
    const { status, stderr, error } = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", this.library, source, "-lpthread"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`a C compiler (cc) is needed: ${stderr || error?.message}`);
  }

  private get library(): string {
    return path.join(this.own, "disk.so");
  }

  /** What the process gets in its environment. */
  get environment(): Record<string, string> {
    return { LD_PRELOAD: this.library, DISK_FOLDER: this.folder, DISK_STATE: this.state, DISK_MEDIUM: this.medium };
  }

  set(state: DiskState): void {
    // In its place: the process looks at the file as at memory, and would die of a file that is empty for a moment.
    const file = openSync(this.state, "r+");
    writeSync(file, STATES[state]);
    closeSync(file);
  }

  /**
   * The power has gone, and is back. Of what the disk had not promised to keep, each sector is there or is not.
   * @param isKept decides for one sector
   */
  cutPower(isKept: () => boolean): void {
    for (const name of readdirSync(this.folder)) {
      const file = path.join(this.folder, name);
      if (!lstatSync(file).isFile()) continue;
      const promised = path.join(this.medium, name);
      // The file of shared memory is made anew at a start, whatever it has.
      if (!existsSync(promised) || name.endsWith("-shm")) continue;
      const [before, now] = [readFileSync(promised), readFileSync(file)];
      const left = Buffer.from(isKept() ? now : before);
      for (let at = 0; at < left.length; at += SECTOR_BYTES) {
        const from = isKept() ? now : before;
        const end = Math.min(at + SECTOR_BYTES, left.length);
        // The file may have its new length, and nothing there yet.
        if (at >= from.length) left.fill(0, at, end);
        else from.copy(left, at, at, end);
      }
      writeFileSync(file, left);
      // That is what the disk has, until it promises more.
      writeFileSync(promised, left);
    }
  }

  remove(): void {
    rmSync(this.own, { recursive: true });
  }
}
