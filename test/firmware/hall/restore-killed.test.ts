// A restore that is killed between any two of its steps: afterwards the old or the new database is whole and in its place, or nothing starts and words say what to do.
// Whatever was acknowledged is in a database that somebody can find.

import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

/** How many changes of files the process still lives through. */
const life = vi.hoisted(() => ({ steps: Number.POSITIVE_INFINITY, isDead: false }));

vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  const changes = ["renameSync", "rmSync", "linkSync", "fsyncSync", "writeSync", "chmodSync", "openSync"] as const;
  const mortal = Object.fromEntries(
    changes.map((name) => [
      name,
      (...all: unknown[]) => {
        // What a process does behind its death does not happen.
        if (life.isDead || --life.steps < 0) {
          life.isDead = true;
          throw new Error("killed");
        }
        return (real[name] as (...args: unknown[]) => unknown)(...all);
      },
    ]),
  );
  return { ...real, ...mortal };
});

// Other files of this worker may have loaded the modules before, without the mock.
vi.resetModules();
const { backUp, restore } = await import("../../../firmware/hall/store/backup.js");
const { SqliteStore } = await import("../../../firmware/hall/store/sqlite-store.js");
const { ToolError } = await import("../../../firmware/tools/tool-error.js");
const { hello, peerOf, ratings, recordMessage, TestHall } = await import("./test-hall.js");

const RECORDS = ratings(4);
const record = (sequence: number): object => recordMessage(sequence, RECORDS);

/** A folder with a database of four records, of which the backup has two; the newest are in its log alone. */
let model = "";
beforeAll(() => {
  model = mkdtempSync(path.join(tmpdir(), "restore-"));
  const hall = new TestHall();
  hall.say(peerOf(), hello("a", { last: 2 }), record(1), record(2));
  backUp(hall.store, path.join(model, "backup.sqlite"));
  hall.say(peerOf(), hello("a", { last: 4, acknowledged: 2 }), record(3), record(4));
  // As the death of the receiver leaves them.
  for (const end of ["", "-wal", "-witness"]) copyFileSync(hall.file + end, path.join(model, `hall.sqlite${end}`));
  hall.remove();
});
afterAll(() => {
  rmSync(model, { recursive: true });
  vi.resetModules();
});

function countIn(file: string): number {
  const store = SqliteStore.read(file);
  try {
    store.requireIntegrity(file, true);
    return [...store.records()].length;
  } finally {
    store.close();
  }
}

/** A folder in which a restore is killed, and what a person does there. */
class Trial {
  readonly folder = mkdtempSync(path.join(tmpdir(), "restore-"));
  readonly database = path.join(this.folder, "hall.sqlite");
  readonly backup = path.join(this.folder, "backup.sqlite");
  private readonly reader: ReturnType<typeof SqliteStore.read> | undefined;

  /** @param isRead another program reads the database meanwhile, so that its log cannot be taken in */
  constructor(isRead: boolean, hasDatabase: boolean) {
    cpSync(model, this.folder, { recursive: true });
    if (!hasDatabase) for (const end of ["", "-wal", "-witness"]) rmSync(this.database + end);
    if (isRead) {
      this.reader = SqliteStore.read(this.database);
      countIn(this.database);
    }
  }

  /** @returns whether it was killed */
  restore(steps = Number.POSITIVE_INFINITY): boolean {
    Object.assign(life, { steps, isDead: false });
    try {
      restore(this.database, this.backup, new Date("2026-03-02T01:15:00Z"));
    } catch (error) {
      if (!life.isDead) throw error;
    } finally {
      Object.assign(life, { steps: Number.POSITIVE_INFINITY });
    }
    const wasKilled = life.isDead;
    life.isDead = false;
    return wasKilled;
  }

  /** The other program ends. */
  endReader(): void {
    this.reader?.close();
  }

  /** A start of the receiver. @returns how many records it finds, or its words */
  start(): number | string {
    try {
      const store = SqliteStore.open(this.database, false);
      const count = [...store.records()].length;
      store.close();
      return count;
    } catch (error) {
      if (error instanceof ToolError) return error.words;
      throw error;
    }
  }

  /** The database that was moved away; "" where there is none. */
  get before(): string {
    const name = readdirSync(this.folder).find((each) => /^hall\.sqlite-before-[0-9TZ]+$/.test(each));
    return name ? path.join(this.folder, name) : "";
  }

  get names(): string[] {
    return readdirSync(this.folder);
  }

  end(): void {
    this.endReader();
    rmSync(this.folder, { recursive: true });
  }
}

describe.each([
  [false, "that nobody reads"],
  [true, "that another program reads"],
] as const)("A restore over a database", (isRead, words) => {
  it(`${words}, killed at any step, leaves the old or the new one whole, or says what to do`, { timeout: 120_000 }, () => {
    const ends = { old: 0, refused: 0, new: 0 };
    for (let steps = 0; ; steps++) {
      const killed = new Trial(isRead, true);
      const wasKilled = killed.restore(steps);
      killed.endReader();
      const found = killed.start();
      if (found === 4) ends.old++;
      else if (found === 2) {
        ends.new++;
        expect([steps, countIn(killed.before)]).toEqual([steps, 4]);
      } else {
        ends.refused++;
        expect(found).toMatch(/A restore was interrupted.*Give the restore once more: .* restore BACKUP.*-before-TIME/s);
        // Or the old one is put back, by its name.
        const { before } = killed;
        renameSync(before, killed.database);
        if (existsSync(`${before}-wal`)) renameSync(`${before}-wal`, `${killed.database}-wal`);
        expect([steps, killed.start()]).toEqual([steps, 4]);
      }
      killed.end();
      if (!wasKilled) break;
    }
    expect(ends.old).toBeGreaterThan(5);
    expect(ends.refused).toBeGreaterThanOrEqual(3);
    expect(ends.new).toBeGreaterThanOrEqual(2);
    console.info(`${words}: ${JSON.stringify(ends)}`);
  });

  it(`${words}, killed at any step and given once more, is done, and the old one is kept whole`, { timeout: 120_000 }, () => {
    for (let steps = 0; ; steps++) {
      const trial = new Trial(isRead, true);
      const wasKilled = trial.restore(steps);
      trial.endReader();
      const { before, missing } = restore(trial.database, trial.backup, new Date("2026-03-02T01:15:00Z"));
      // The first one was all but done: then the old one has its place from it.
      const wasDone = missing === 0;
      expect([steps, trial.start(), countIn(before ?? "")]).toEqual([steps, 2, wasDone ? 2 : 4]);
      if (wasDone) expect(countIn(trial.before)).toBe(4);
      else expect([wasKilled, missing]).toEqual([true, 2]);
      expect(trial.names.filter((name) => name.includes("-part-"))).toEqual([]);
      trial.end();
      if (!wasKilled) break;
    }
  });

  it(`${words}, killed twice, is done with the third`, { timeout: 120_000 }, () => {
    for (let steps = 0; steps < 30; steps++) {
      const trial = new Trial(isRead, true);
      trial.restore(steps);
      trial.endReader();
      trial.restore((steps * 7) % 23);
      trial.restore();
      expect([steps, trial.start()]).toEqual([steps, 2]);
      const kept = trial.names.filter((name) => /-before-[0-9TZ]+$/.test(name)).map((name) => countIn(path.join(trial.folder, name)));
      expect([steps, Math.max(...kept)]).toEqual([steps, 4]);
      trial.end();
    }
  });
});

it("A restore where there was no database, killed at any step, is done with the next", () => {
  for (let steps = 0; ; steps++) {
    const trial = new Trial(false, false);
    const wasKilled = trial.restore(steps);
    trial.restore();
    expect([steps, trial.start()]).toEqual([steps, 2]);
    expect(trial.names.filter((name) => name.includes("-part-"))).toEqual([]);
    trial.end();
    if (!wasKilled) break;
  }
});
