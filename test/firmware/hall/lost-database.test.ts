// The database is deleted, replaced, cut, overwritten or damaged while the receiver runs or before it starts: it acknowledges nothing that would not be found again, and
// says what to do.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import { EXIT } from "../../../firmware/tools/tool-error.js";
import { compiledProgram } from "../../compiled-program.js";
import { LineTerminal, ReceiverFolder } from "./receiver-process.js";
import { acknowledgedBy, hello, peerOf, ratings, recordMessage, TestHall } from "./test-hall.js";

const RECORDS = ratings(200);
const record = (sequence: number): object => recordMessage(sequence, RECORDS);

let hall: TestHall;
beforeEach(() => {
  hall = new TestHall();
});
afterEach(() => hall.remove());

/** Turns bytes in the middle of a file. */
function spoil(file: string): void {
  const bytes = readFileSync(file);
  for (let at = 4096; at < bytes.length; at += 4096) bytes.fill(0xa5, at, at + 512);
  writeFileSync(file, bytes);
}

const ACCIDENTS: Readonly<Record<string, readonly [happens: (file: string) => void, words: RegExp]>> = {
  "is deleted": [(file) => rmSync(file), /hall\.sqlite was deleted, or moved away/],
  "is moved away": [(file) => renameSync(file, `${file}-old`), /hall\.sqlite was deleted, or moved away/],
  "is replaced by a copy": [
    (file) => {
      copyFileSync(file, `${file}-copy`);
      renameSync(`${file}-copy`, file);
    },
    /another file has taken the place of hall\.sqlite/,
  ],
  "is overwritten": [
    (file) => copyFileSync(file, file, 0) ?? writeFileSync(file, readFileSync(file)),
    /another program has written into hall\.sqlite/,
  ],
  "is cut": [(file) => truncateSync(file, 4096), /hall\.sqlite was cut from \d+ bytes to 4096/],
  "is emptied": [(file) => truncateSync(file, 0), /hall\.sqlite was cut from \d+ bytes to 0/],
  "loses its log": [(file) => rmSync(`${file}-wal`), /hall\.sqlite-wal was deleted, or moved away/],
  "has its log cut": [(file) => truncateSync(`${file}-wal`, 100), /hall\.sqlite-wal was cut/],
  "loses its index of the log": [(file) => rmSync(`${file}-shm`), /hall\.sqlite-shm was deleted/],
};

describe.each(Object.keys(ACCIDENTS))("When the database of a receiver %s", (name) => {
  const [happens, words] = ACCIDENTS[name] as (typeof ACCIDENTS)[string];

  it("nothing is acknowledged any more, people are told once what to do, and the receiver has to end", () => {
    const a = peerOf();
    expect(acknowledgedBy(hall.say(a, hello("a", { last: 3 }), record(1)))).toEqual([1]);
    happens(hall.file);
    expect(acknowledgedBy(hall.say(a, record(2)))).toEqual([]);
    expect(acknowledgedBy(hall.say(a, record(2), record(3)))).toEqual([]);
    expect(hall.wordsOf("storage")).toEqual([expect.stringMatching(words)]);
    expect(hall.lost.map(({ isFinal, todo }) => [isFinal, todo])).toEqual([[true, expect.stringContaining("restore the newest backup")]]);
  });

  it("it is noticed within some seconds while no message comes", () => {
    hall.say(peerOf(), hello("a", { last: 1 }), record(1));
    happens(hall.file);
    hall.pass(5000);
    expect(hall.lost.map(({ message }) => message)).toEqual([expect.stringMatching(words)]);
  });
});

describe("When another program changes by SQLite what a receiver has stored", () => {
  it.each(["DELETE FROM records WHERE sequence = 1", "UPDATE records SET grade = 1", "UPDATE heads SET sequence = 9"])(
    "as by %s, nothing is acknowledged any more, and the receiver has to end",
    (change) => {
      const a = peerOf();
      expect(acknowledgedBy(hall.say(a, hello("a", { last: 3 }), record(1)))).toEqual([1]);
      const other = new Database(hall.file);
      other.exec(change);
      expect(acknowledgedBy(hall.say(a, record(2)))).toEqual([]);
      expect(acknowledgedBy(hall.say(a, record(2), record(3)))).toEqual([]);
      other.close();
      expect(hall.lost.map(({ isFinal, message }) => [isFinal, message])).toEqual([
        [true, expect.stringContaining("another program has changed what is stored")],
      ]);
      expect(hall.wordsOf("storage")).toEqual([expect.stringContaining("restore the newest backup")]);
    },
  );
});

it("A receiver that stores for long, with checkpoints and with others that read, takes none of that for an accident", () => {
  const a = peerOf();
  hall.say(a, hello("a", { last: 150 }));
  for (let seq = 1; seq <= 150; seq++) {
    hall.say(a, record(seq));
    if (seq % 40 > 0) continue;
    const reader = SqliteStore.read(hall.file);
    expect([...reader.records()].length).toBe(seq);
    reader.close();
  }
  expect([hall.lost, hall.store.head("a", Number(hall.store.logs()[0]?.log))?.sequence]).toEqual([[], 150]);
});

describe("At the start", () => {
  const start = (): void => hall.open();

  it("a database that has been deleted or emptied since is not made anew in silence", () => {
    hall.say(peerOf(), hello("a"), record(1));
    hall.stop();
    renameSync(hall.file, `${hall.file}-old`);
    expect(start).toThrow(/the database that was here has been deleted or emptied/);
    expect(existsSync(hall.file)).toBe(false);
    writeFileSync(hall.file, "");
    expect(start).toThrow(/has been deleted or emptied/);
    renameSync(`${hall.file}-old`, hall.file);
    start();
    expect(hall.alarms()).toEqual([]);
  });

  it("the database of another hall is not taken for it", () => {
    hall.stop();
    const other = new TestHall();
    other.stop();
    copyFileSync(other.file, hall.file);
    expect(start).toThrow(/another hall's database has taken the place/);
    rmSync(`${hall.file}-witness`);
    start();
    other.open();
    other.remove();
  });

  it.each<[string, (hall: TestHall, old: string) => void]>([
    ["an old copy in its place", (at, old) => copyFileSync(old, at.file)],
    ["a log that was deleted after a kill", (at) => rmSync(`${at.file}-wal`)],
  ])("%s is told, and what it tells of the present is forgotten", (_, happens) => {
    const a = peerOf();
    hall.say(a, hello("a", { last: 2, signed: 7 }), record(1));
    // The process is killed: nothing of its log has gone into the main file since.
    hall.restart();
    const old = path.join(hall.folder, "old.sqlite");
    copyFileSync(hall.file, old);
    hall.say(a, hello("a", { last: 2, signed: 7 }), record(2));
    const killed = new TestHall();
    killed.stop();
    for (const end of ["", "-wal", "-witness"]) copyFileSync(hall.file + end, killed.file + end);
    happens(killed, old);
    if (old && existsSync(`${killed.file}-wal`) && readFileSync(killed.file).equals(readFileSync(old))) rmSync(`${killed.file}-wal`);
    killed.open();
    expect(killed.store.alarms().map(({ kind, words }) => [kind, words])).toEqual([
      ["database", expect.stringMatching(/was restored, or an old copy/)],
    ]);
    expect(killed.store.device("a")).toMatchObject({ start: -1, signed: 7 });
    killed.restart();
    expect(killed.alarms()).toEqual(["database"]);
    killed.remove();
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ["no database", (file) => writeFileSync(file, "x".repeat(9000)), /is no database.*restore the newest backup/s],
    ["damaged", spoil, /the database is damaged.*restore the newest backup/s],
    ["cut", (file) => truncateSync(file, 8192), /the database is damaged/],
    ["a folder", (file) => void [rmSync(file), mkdirSync(file)], /it is a folder/],
  ])("a file that is %s is told, with what to do, and left as it is", (_, happens, words) => {
    const a = peerOf();
    for (let seq = 1; seq <= 60; seq++) hall.say(a, ...(seq === 1 ? [hello("a", { last: 60 })] : []), record(seq));
    hall.stop();
    happens(hall.file);
    const before = statSync(hall.file).isDirectory() ? undefined : readFileSync(hall.file);
    const told = (() => {
      try {
        start();
        return "";
      } catch (error) {
        return `${(error as Error).message} ${(error as { todo?: string }).todo}`;
      }
    })();
    expect(told).toMatch(words);
    if (before) expect(readFileSync(hall.file).equals(before)).toBe(true);
    rmSync(hall.file, { recursive: true });
    rmSync(`${hall.file}-witness`);
    start();
  });

  it("a database of the form before is brought up to date, with everything in it", () => {
    hall.say(peerOf(), hello("a", { last: 2 }), record(1), record(2));
    hall.stop();
    const db = new Database(hall.file);
    for (const [table, column] of ["heads floor", "devices heard_at", "devices is_gone", "alarms ended", "hall pulse"].map((each) => each.split(" ")))
      db.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`);
    db.exec("PRAGMA application_id = 0; PRAGMA user_version = 4");
    db.close();
    rmSync(`${hall.file}-witness`);
    expect(() => SqliteStore.read(hall.file)).toThrow(/form 4, and this one knows 5/);
    start();
    expect(hall.numbers()).toEqual([1, 2]);
    expect(acknowledgedBy(hall.say(peerOf(), hello("a", { last: 3, acknowledged: 2 }), record(3)))).toEqual([3]);
  });
});

describe("The receiver as a process", () => {
  let folder: ReceiverFolder;
  beforeEach(() => {
    folder = new ReceiverFolder(1);
  });
  afterEach(() => folder.remove());

  it("whose database is deleted ends, saves everything in a copy, does not begin anew, and goes on from the restored copy", async () => {
    const terminal = new LineTerminal(0, 12);
    const all = terminal.records.splice(6);
    const first = await folder.start();
    terminal.connect(first.port);
    while (!terminal.isDone) await sleep(5);
    rmSync(folder.database);
    terminal.records.push(...all);
    terminal.send();
    expect(await first.exited).toBe(EXIT.given);
    expect(terminal.acknowledged).toBe(6);
    expect(first.said()).toMatch(/hall\.sqlite was deleted, or moved away/);
    const rescued = /receive restore (\S+)\.\n/.exec(first.said())?.[1] as string;
    await expect(folder.start()).rejects.toThrow(/has been deleted or emptied/);
    const run = spawnSync(process.execPath, [compiledProgram("receive"), "restore", rescued, "--database", folder.database]);
    expect(`${run.stdout}${run.stderr}`).toMatch(/6 records of 1 terminal/);
    const second = await folder.start();
    terminal.connect(second.port);
    while (!terminal.isDone) await sleep(5);
    second.child.kill("SIGTERM");
    expect(await second.exited).toBe(0);
    const store = SqliteStore.read(folder.database);
    expect([...store.records()].map(({ sequence, proof }) => `${sequence} ${proof}`)).toEqual(all.concat(all).map((_, i) => `${i + 1} verified`));
    store.close();
  }, 120_000);

  /** What a receiver says that does not start. */
  function refusal(options: readonly string[], prefix: readonly string[] = []): readonly [status: number | null, words: string] {
    const words = [...prefix, process.execPath, compiledProgram("receive"), "--tcp", "0", "--keys", folder.keys, ...options];
    const run = spawnSync(words[0] as string, words.slice(1), { encoding: "utf8", timeout: 60_000 });
    return [run.status, run.stdout + run.stderr];
  }

  it.runIf(process.getuid?.() === 0)(
    "that may not write the file or its folder says so, whoever runs it",
    () => {
      const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
      chmodSync(folder.folder, 0o755);
      expect(refusal(["--database", folder.database], asNobody)).toEqual([
        EXIT.given,
        expect.stringMatching(/this user may not write in the folder.*To do: Run the command as/s),
      ]);
      chownSync(folder.folder, 65534, 65534);
      SqliteStore.open(folder.database).close();
      for (const name of readdirSync(folder.folder)) chownSync(path.join(folder.folder, name), 65534, 65534);
      chownSync(folder.database, 0, 0);
      chmodSync(folder.database, 0o444);
      expect(refusal(["--database", folder.database], asNobody)).toEqual([EXIT.given, expect.stringMatching(/this user may not write this file/)]);
      expect(refusal(["--database", path.join(folder.folder, "none", "x.sqlite")])).toEqual([
        EXIT.given,
        expect.stringMatching(/there is no folder/),
      ]);
    },
    120_000,
  );

  it.runIf(process.platform === "linux" && spawnSync("strace", ["-V"]).status === 0)(
    "has the disk take each record, and the names of its files, before it acknowledges",
    async () => {
      const trace = path.join(folder.folder, "trace");
      const terminal = new LineTerminal(0, 1);
      const { child, port, exited } = await folder.start({
        before: `set -- strace -D -f -y -s 2000 -e trace=fsync,fdatasync,pwrite64,write,sendto -o ${trace} "$@"`,
      });
      terminal.connect(port);
      while (!terminal.isDone) await sleep(5);
      child.kill("SIGTERM");
      expect(await exited).toBe(0);
      while (!new RegExp(`^${child.pid} +\\+\\+\\+ exited`, "m").test(readFileSync(trace, "latin1"))) await sleep(20);
      const calls = readFileSync(trace, "latin1").split("\n");
      const at = (pattern: RegExp, from = 0): number => calls.findIndex((call, i) => i >= from && pattern.test(call));
      const folderSynced = at(new RegExp(`fsync\\(\\d+<${folder.folder}>`));
      const written = calls.findLastIndex(
        (call, i) => i < at(/acknowledge.*seq[^0-9]{1,6}1[^0-9]/) && /pwrite64\(\d+<[^>]*hall\.sqlite-wal>/.test(call),
      );
      const synced = at(/f(data)?sync\(\d+<[^>]*hall\.sqlite-wal>/, written);
      const acknowledged = at(/acknowledge.*seq[^0-9]{1,6}1[^0-9]/);
      expect(
        [folderSynced, written, synced, acknowledged].every((each) => each >= 0),
        calls.slice(-30).join("\n"),
      ).toBe(true);
      expect([folderSynced < written, written < synced, synced < acknowledged]).toEqual([true, true, true]);
    },
    120_000,
  );
});
