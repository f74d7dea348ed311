// What happens to the files of a hall's database.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { backUp, begin, fetchedBack, goOn, type Hall, type HallCase, restoreBackup } from "./attacked-hall.js";

/** A receiver that has to end: nothing is acknowledged from then on, and its words name what to do. */
async function expectEnd(hall: Hall, words: RegExp): Promise<string> {
  const acknowledged = hall.terminals.map((terminal) => terminal.acknowledged);
  for (const terminal of hall.terminals) {
    terminal.write('"1024","T-late",0,5,1000');
    terminal.greet();
  }
  await hall.until("the receiver to end", () => hall.ended !== undefined);
  if (hall.terminals.some((terminal, i) => terminal.acknowledged !== acknowledged[i])) return "something was acknowledged that it could not store";
  return words.test(hall.said) ? "" : `it does not say what to do: ${hall.said.slice(-600)}`;
}

/** The receiver is not there, and what it says where it is started names what to do. */
async function expectRefusal(hall: Hall, words: RegExp): Promise<string> {
  const said = await hall.start();
  if (!said) return "it starts as if nothing had happened";
  return words.test(said) ? "" : `it does not say what to do: ${said.slice(-600)}`;
}

/** Something happens to the files of a receiver that runs: it ends, and a backup brings everything back that the terminals still hold. */
function accident(name: string, happens: (hall: Hall) => void): HallCase {
  return {
    name,
    async run(hall) {
      const backup = path.join(hall.folder, "backup.sqlite");
      const problem = (await begin(hall)) || (await backUp(hall, backup));
      if (problem) return problem;
      happens(hall);
      hall.inputs++;
      const wrong = await expectEnd(hall, /restore the newest backup|receive restore/);
      return wrong || (await restoreBackup(hall, backup)) || (await goOn(hall)) || fetchedBack(hall);
    },
  };
}

export const FILE_CASES: readonly HallCase[] = [
  accident("the database is deleted while the receiver runs", ({ database }) => rmSync(database)),
  accident("the database is cut while the receiver runs", ({ database }) => truncateSync(database, 4096)),
  accident("the log of the database is deleted while the receiver runs", ({ database }) => rmSync(`${database}-wal`)),
  accident("somebody writes into the database while the receiver runs", ({ database }) => {
    const fd = openSync(database, "r+");
    writeSync(fd, Buffer.alloc(64, 0xa5), 0, 64, 5000);
    closeSync(fd);
  }),
  accident("a copy takes the place of the database while the receiver runs", ({ database }) => {
    cpSync(database, `${database}-copy`);
    renameSync(`${database}-copy`, database);
  }),
  accident("another program changes the database by SQLite while the receiver runs", ({ database }) => {
    const program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], 10); c.execute('UPDATE records SET grade = 1'); c.commit()";
    const { status, stderr } = spawnSync("python3", ["-c", program, database], { encoding: "utf8" });
    if (status !== 0) throw new Error(`python3 fails: ${stderr}`);
  }),
  {
    name: "the database is deleted, cut or damaged before the receiver starts",
    async run(hall) {
      const backup = path.join(hall.folder, "backup.sqlite");
      const problem = (await begin(hall)) || (await backUp(hall, backup));
      if (problem) return problem;
      await hall.stop("SIGKILL");
      const harms: readonly (() => void)[] = [
        () => truncateSync(hall.database, 5000),
        () => truncateSync(hall.database, 0),
        () => writeFileSync(hall.database, randomBytes(20_000)),
        () => rmSync(hall.database),
      ];
      for (const harm of harms) {
        for (const name of readdirSync(hall.folder)) if (/^hall\.sqlite-(wal|shm)$/.test(name)) rmSync(path.join(hall.folder, name));
        harm();
        hall.inputs++;
        const wrong = await expectRefusal(hall, /receive restore BACKUP/);
        if (wrong) return wrong;
      }
      return (await restoreBackup(hall, backup)) || (await goOn(hall)) || fetchedBack(hall);
    },
  },
  {
    name: "an older copy of the database comes back, in a hall that has gone on since",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      await hall.stop();
      const old = path.join(hall.folder, "old");
      cpSync(hall.database, old);
      const more = await goOn(hall);
      if (more) return more;
      await hall.stop("SIGKILL");
      for (const end of ["-wal", "-shm"]) rmSync(hall.database + end, { force: true });
      cpSync(old, hall.database);
      hall.inputs++;
      const wrong = (await goOn(hall)) || (await fetchedBack(hall));
      if (wrong) return wrong;
      const { words } = await hall.command("report");
      return /restored, or an old copy/.test(words) ? "" : `nobody is told: ${words}`;
    },
  },
  {
    name: "the database is of a newer version",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      await hall.stop();
      const before = readFileSync(hall.database);
      // The version stands at byte 60 of every SQLite file.
      const newer = Buffer.from(before);
      newer.writeUInt32BE(newer.readUInt32BE(60) + 1, 60);
      writeFileSync(hall.database, newer);
      hall.inputs++;
      const wrong = await expectRefusal(hall, /another version of this program.*Use the version that wrote it, or a newer one/s);
      if (wrong) return wrong;
      if (!readFileSync(hall.database).equals(newer)) return "it has written into the file";
      writeFileSync(hall.database, before);
      return goOn(hall);
    },
  },
  {
    name: "the database can only be read when the receiver starts",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      await hall.stop();
      const before = readFileSync(hall.database);
      chmodSync(hall.database, 0o444);
      hall.isPowerless = true;
      hall.inputs++;
      const wrong = await expectRefusal(hall, /this user may not write this file.*the right to write/s);
      if (wrong) return wrong;
      if (!readFileSync(hall.database).equals(before)) return "it has written into the file";
      chmodSync(hall.database, 0o600);
      return goOn(hall);
    },
  },
  {
    name: "the disk takes nothing more, and then it does",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      const limit = (bytes: string): string => spawnSync("prlimit", [`--pid=${hall.pid}`, `--fsize=${bytes}:unlimited`], { encoding: "utf8" }).stderr;
      const trouble = limit("4096");
      if (trouble) return `prlimit: ${trouble}`;
      hall.inputs++;
      const acknowledged = hall.terminals.map((terminal) => terminal.acknowledged);
      for (const terminal of hall.terminals) {
        terminal.write('"1024","T-full",0,5,1000');
        terminal.greet();
      }
      await hall.until("words about the disk", () => /Records cannot be stored/.test(hall.said) || hall.ended !== undefined);
      if (hall.terminals.some((terminal, i) => terminal.acknowledged !== acknowledged[i]))
        return "something was acknowledged that it could not store";
      if (!/Nothing is acknowledged meanwhile/.test(hall.said)) return `it does not say what is so: ${hall.said.slice(-600)}`;
      limit("unlimited");
      return hall.served("behind it");
    },
  },
  {
    name: "a second receiver is started on the database",
    async run(hall) {
      const problem = await begin(hall);
      if (problem) return problem;
      hall.inputs++;
      const { isDone, words } = await hall.command("listen", "--tcp", "0", "--tcp-host", "127.0.0.1");
      if (isDone || !/another receiver is at work on it/.test(words)) return `it does not refuse: ${words}`;
      return hall.served("behind it");
    },
  },
  {
    name: "others on the computer look for what the receiver has written",
    async run(hall) {
      const problem = (await begin(hall)) || (await backUp(hall, path.join(hall.folder, "backup.sqlite")));
      if (problem) return problem;
      const names = readdirSync(hall.folder);
      const open = names.filter((name) => name !== "keys" && (statSync(path.join(hall.folder, name)).mode & 0o077) > 0);
      hall.inputs += names.length;
      return open.length > 0 ? `others may use ${open}` : hall.served("behind it");
    },
  },
];
