// receive backup and receive restore: copies that are proven, and never overwrite anything.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backUp, restore } from "../../../firmware/hall/store/backup.js";
import { claim } from "../../../firmware/hall/store/receiver-claim.js";
import { SqliteStore } from "../../../firmware/hall/store/sqlite-store.js";
import { EXIT, ToolError } from "../../../firmware/tools/tool-error.js";
import { compiledProgram } from "../../compiled-program.js";
import { LineTerminal, ReceiverFolder } from "./receiver-process.js";
import { hello, peerOf, ratings, recordMessage, TestHall } from "./test-hall.js";

const RECORDS = ratings(20);
const record = (sequence: number): object => recordMessage(sequence, RECORDS);
const NOW = new Date("2026-03-02T01:15:00Z");

let hall: TestHall;
let backup = "";
beforeEach(() => {
  hall = new TestHall();
  backup = path.join(hall.folder, "backup.sqlite");
  hall.say(peerOf(), hello("a", { last: 2 }), record(1), record(2));
});
afterEach(() => hall.remove());

/** The words of the error of something that is refused. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ToolError) return error.words;
    throw error;
  }
  return "";
}

const names = (): string[] => readdirSync(hall.folder).filter((name) => !/^hall\.sqlite(-(wal|shm|receiver|receiver-journal|witness))?$/.test(name));

describe("A backup", () => {
  it("has everything of its moment, for this user alone, while the receiver goes on", () => {
    expect(backUp(hall.store, backup)).toMatchObject({ records: 2, terminals: 1, alarms: 0 });
    hall.say(peerOf(), hello("a", { last: 3, acknowledged: 2 }), record(3));
    const copy = SqliteStore.read(backup);
    expect([...copy.records()].map(({ sequence, proof }) => [sequence, proof])).toEqual([
      [1, "verified"],
      [2, "verified"],
    ]);
    expect(copy.id()).toBe(hall.store.id());
    copy.close();
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect([hall.numbers(), hall.lost, names()]).toEqual([[1, 2, 3], [], ["backup.sqlite"]]);
  });

  it("overwrites nothing, and leaves nothing behind where it fails", () => {
    writeFileSync(backup, "mine");
    expect(refusal(() => backUp(hall.store, backup))).toMatch(/there is such a file already.*Give another name/s);
    expect(readFileSync(backup, "latin1")).toBe("mine");
    expect(refusal(() => backUp(hall.store, path.join(hall.folder, "no", "x.sqlite")))).toMatch(/no: there is no such folder.*Make that folder/s);
    expect(refusal(() => backUp(hall.store, ""))).toMatch(/name of the copy is empty.*There is no backup/s);
    mkdirSync(path.join(hall.folder, "folder"));
    expect(refusal(() => backUp(hall.store, path.join(hall.folder, "folder")))).toContain("there is such a file already");
    expect(names()).toEqual(["backup.sqlite", "folder"]);
  });

  it("of a damaged database is refused", () => {
    for (let seq = 3; seq <= 20; seq++) hall.say(peerOf(), hello("a", { last: 20, acknowledged: seq - 1 }), record(seq));
    hall.stop();
    truncateSync(hall.file, statSync(hall.file).size - 8192);
    const store = SqliteStore.read(hall.file);
    expect(refusal(() => backUp(store, backup))).toMatch(/the database is damaged.*There is no backup/s);
    store.close();
    expect(names()).toEqual([]);
  });
});

describe("Restoring", () => {
  it("from what is no backup says so of that file, and not of the database", () => {
    hall.stop();
    mkdirSync(path.join(hall.folder, "folder"));
    writeFileSync(path.join(hall.folder, "a.key"), "6b".repeat(32));
    for (const [name, words] of [
      ["nope", /nope: there is no such file/],
      ["a.key", /a\.key: is no database/],
      ["folder", /folder: it is a folder/],
    ] as const) {
      const said = refusal(() => restore(hall.file, path.join(hall.folder, name)));
      expect(said).toMatch(words);
      expect(said).toMatch(/The database is as it was.*Name a file that receive backup has written/s);
      expect(said).not.toContain("--database");
    }
    hall.open();
  });

  it("puts a backup in the place of the database, and keeps that beside it with all its records", () => {
    backUp(hall.store, backup);
    hall.say(peerOf(), hello("a", { last: 4, acknowledged: 2 }), record(3), record(4));
    hall.stop();
    const { before, missing } = restore(hall.file, backup, NOW);
    expect([before, missing]).toEqual([`${hall.file}-before-20260302T011500Z`, 2]);
    hall.open();
    expect(hall.numbers()).toEqual([1, 2]);
    expect(hall.store.alarms().map(({ words }) => words)).toEqual([expect.stringContaining("The database was restored")]);
    const old = SqliteStore.read(before as string);
    expect([...old.records()].map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    old.close();
    expect(existsSync(backup)).toBe(true);
  });

  it("where there is no database, or only an unreadable one, works as well", () => {
    backUp(hall.store, backup);
    const other = new TestHall();
    other.stop();
    for (const spoil of [() => writeFileSync(other.file, "x".repeat(5000)), () => undefined]) {
      spoil();
      expect(restore(other.file, backup, NOW).missing).toBe(undefined);
      const store = SqliteStore.open(other.file);
      expect([store.isOlder, [...store.records()].length]).toEqual([true, 2]);
      store.close();
      for (const name of readdirSync(other.folder)) if (name.startsWith("hall.sqlite")) rmSync(path.join(other.folder, name));
    }
    other.open();
    other.remove();
  });

  it("is refused while a receiver works, and for whatever is no whole backup: everything stays as it was", () => {
    backUp(hall.store, backup);
    hall.stop();
    const before = readFileSync(hall.file);
    const claimed = claim(hall.file);
    expect(refusal(() => restore(hall.file, backup))).toMatch(/another receiver is at work on it/);
    claimed.release();
    expect(refusal(() => restore(hall.file, hall.file))).toMatch(/is the database itself/);
    expect(refusal(() => restore(hall.file, path.join(hall.folder, "none")))).toMatch(/there is no such file/);
    truncateSync(backup, 8192);
    expect(refusal(() => restore(hall.file, backup))).toMatch(/damaged.*The database is as it was/s);
    writeFileSync(backup, "x".repeat(9000));
    expect(refusal(() => restore(hall.file, backup))).toMatch(/is no database/);
    writeFileSync(backup, "");
    expect(refusal(() => restore(hall.file, backup))).toMatch(/is empty/);
    expect(readFileSync(hall.file).equals(before)).toBe(true);
    hall.open();
    expect([hall.numbers(), hall.alarms(), names()]).toEqual([[1, 2], [], ["backup.sqlite"]]);
  });
});

it("Both are commands: a backup while the receiver runs, and a restore that it refuses", async () => {
  const folder = new ReceiverFolder(1);
  const run = (...words: readonly string[]): readonly [number | null, string] => {
    const all = [compiledProgram("receive"), ...words, "--database", folder.database];
    const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
    return [status, stdout + stderr];
  };
  const copy = path.join(folder.folder, "copy.sqlite");
  const { child, port, exited } = await folder.start();
  const terminal = new LineTerminal(0, 30);
  terminal.connect(port);
  while (!terminal.isDone) await sleep(5);
  expect(run("backup", copy)).toEqual([0, expect.stringMatching(/copy\.sqlite: 30 records of 1 terminal, the newest stored at .*It is whole/)]);
  expect(run("backup", copy)).toEqual([EXIT.given, expect.stringContaining("there is such a file already")]);
  expect(run("restore", copy)).toEqual([EXIT.given, expect.stringContaining("another receiver is at work on it")]);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(run("restore", copy, "--json")).toEqual([0, expect.stringMatching(/^\{"result":\{.*"records":30,.*"missing":0\}\}\n$/)]);
  terminal.end();
  folder.remove();
}, 120_000);
