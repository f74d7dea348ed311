// Whether the attacker of receivers notices: the receiver is built without each of its protections, and the case that needs it has to go red. Most of them wait for something
// in vain then, so several are attacked at a time.

import { afterAll, describe, expect, it } from "vitest";
import type { Edit } from "../compiled-program.js";
import { IS_DEEP } from "../depth.js";
import { BuiltReceivers } from "./built-receiver.js";
import { attackHalls, HALL_CASES } from "./hall-attacker.js";
import { strayEdits } from "./mutant.js";

interface Mutation {
  readonly what: string;
  readonly red: string;
  /** Where two protections stand behind each other, both are taken out. */
  readonly edits: readonly Edit[];
}

const INTAKE = "firmware/hall/receiver/intake.ts";
const INGEST = "firmware/hall/receiver/record-ingest.ts";
const STATE = "firmware/hall/receiver/hall-state.ts";
const LOGS = "firmware/hall/receiver/logs.ts";
const SILENCE = "firmware/hall/receiver/silence.ts";
const BATCHES = "firmware/hall/receiver/batches.ts";
const STORE = "firmware/hall/store/sqlite-store.ts";
const FILES = "firmware/hall/store/database-files.ts";
const CLAIM = "firmware/hall/store/receiver-claim.ts";
const CONTROL = "firmware/hall/control-socket.ts";
const BROKERS = "firmware/hall/sources/mqtt-source.ts";
const LISTEN = "firmware/hall/commands/listen-command.ts";
const DOOR = "firmware/tools/link/connection-limits.ts";
const LINES = "firmware/tools/link/lines.ts";
const NAME = "firmware/config/device-name.ts";
const OUTPUT = "firmware/tools/output.ts";

const REPLACED = "a board is replaced under its name and key, over TCP, while the receiver runs and before it starts";
const TOPIC = "a board is replaced under its name and key, on the same topic of a broker";
const CLONE = "two boards with one flash are alive, and go on with records of their own";
const FETCHING = "the receiver is killed again and again while it fetches records back into a restored database";
const SILENT = "a terminal falls silent, and its connection stays";
const THOUSAND = "hundreds of strangers connect from one address, a thousand from many, and stay silent";
const BEFORE_START = "the database is deleted, cut or damaged before the receiver starts";
const OTHERS = "others on the computer look for what the receiver has written";
const BAD_RECORDS = "the holder of one key sends records and messages that no database takes";
const REQUESTS = "requests at the control socket that are none";
const BAD_BROKER = "a broker sends 250 MB, packets without an end, and names that it invents";
const ONE_ID = "two receivers of two halls at one broker, and two with one client id";
const ONE_BROKER = "two addresses are given, and they lead to one broker";
const NAMES = "five thousand invented names on one connection, and the names of honest ones without their keys";
const SPOILT = "a stranger repeats what honest terminals have sent, and spoils records of theirs";
const AT_CABLE = "a board is replaced under its name and key, at the same cable, while the receiver runs and before it starts";
const SPLIT = "two boards with one flash are alive at one cable that somebody has split";
const BAD_DISK = "the disk becomes read-only, fills up, and fails, and is well again each time";
const POWER = "the power goes again and again while terminals send";
const POWER_ON_BAD_DISK = "the power goes while the disk fails, and takes what the disk had not promised";
const OVERWRITTEN = "an older copy is written over the database while the receiver runs, and it is killed before it notices";
const ANSWERS = "answers to other commands come under the ids that the hall uses";

/** The second look at what happens to the main file of a database. */
const NO_TIME: Edit = { file: FILES, from: 'if (part === "" && now.mtimeNs !== before.mtimeNs)', to: "if (false)" };
/** What one device has sent is not told from a fault of the computer. */
const NO_ITEM: Edit = { file: BATCHES, from: "return error instanceof RowError ||", to: "return false &&" };

function one(what: string, red: string, file: string, from: string, to = ""): Mutation {
  return { what, red, edits: [{ file, from, to }] };
}

const MUTATIONS: readonly Mutation[] = [
  // Boards that are replaced, cloned and restored.
  one(
    "acknowledgements say what the log has, and not what this board has sent",
    REPLACED,
    INTAKE,
    "Math.min(state.head.sequence, brought.upTo)",
    "state.head.sequence",
  ),
  one(
    "what one board has sent on a topic counts for the next one",
    TOPIC,
    INTAKE,
    "if (acknowledged >= upTo) return brought.skipTo(acknowledged);",
    "return brought.skipTo(acknowledged);",
  ),
  one(
    "a record that differs from the stored one passes for it",
    CLONE,
    INGEST,
    "if (!store.insert(row) && !settleFork(log, row, store.find(device, name, sequence))) return",
    "if (!store.insert(row) && !settleFork(log, row, store.find(device, name, sequence)) && false) return",
  ),
  one("nobody is told of two boards", CLONE, INGEST, "hall.raise(fork(row, row.bytes));"),
  one("nobody is told of a new log", REPLACED, LOGS, "this.hall.raise(newLog(device, log, row.log));"),
  one("a stranger's hello is its terminal's", NAMES, INTAKE, "if (isSealedBy(key, text)) {", "if (key) {"),
  one("a stranger's record is its terminal's", SPOILT, INTAKE, "if (isSealedBy(key, text)) {", "if (key) {"),
  one(
    "a terminal may use the topics of another",
    "the holder of one key uses the topics of another terminal",
    INTAKE,
    'if ("hello" in data && isImpostor(peer, data.hello.device)) return;',
  ),
  one(
    "an answer is that to the id, whatever the command was",
    ANSWERS,
    "firmware/hall/receiver/command-queue.ts",
    "!pending?.sent.has(answer.of)",
    "!pending",
  ),
  one(
    "ids can be guessed",
    ANSWERS,
    "firmware/tools/link/signing.ts",
    'return randomBytes(12).toString("base64url");',
    "return `hall-command-` + performance.now();",
  ),

  one(
    "acknowledgements at a cable say what the log has, and not what this board has sent",
    AT_CABLE,
    INTAKE,
    "Math.min(state.head.sequence, brought.upTo)",
    "state.head.sequence",
  ),
  one("nobody is told of two boards at a cable", SPLIT, INGEST, "hall.raise(fork(row, row.bytes));"),
  one(
    "what was cut or spoilt hides the lines behind it",
    "somebody at the cable doubles, cuts, loses and spoils lines in both directions",
    LINES,
    'pending = "";\n    isTooLong = false;',
    'if (message) pending = "";\n    isTooLong = false;',
  ),
  one(
    "what somebody at the cable invents is its terminal's",
    "somebody at the cable repeats old lines, invents some, and pours out noise",
    INTAKE,
    "if (isSealedBy(key, text)) {",
    "if (key) {",
  ),
  one(
    "a cable is for ever its first terminal's",
    "the holder of one key sends at the cable of another terminal",
    INTAKE,
    "connection.device = device;\n    const delivery",
    "connection.device ??= device;\n    const delivery",
  ),
  one(
    "several programs may use a port",
    "a second receiver is started at the cable",
    "firmware/tools/link/serial-source.ts",
    "new SerialPort({ path, baudRate, autoOpen: false })",
    "new SerialPort({ path, baudRate, autoOpen: false, lock: false })",
  ),
  one(
    "commands have the key in them",
    "somebody reads every topic of a broker, and has staff numbers, grades and commands, and no key",
    "firmware/tools/link/signing.ts",
    "return { ...(id === undefined ? {} : { id }), signed,",
    'return { ...(id === undefined ? {} : { id }), by: Buffer.from(key).toString("hex"), signed,',
  ),
  one(
    "a badge may be on duty everywhere",
    "one badge is on duty at two counters, as the owner and whoever has copied it",
    "firmware/hall/receiver/presence.ts",
    "for (const other of othersWith(row)) if (isCurrent(other)) noteDouble(row, other);",
  ),

  // The files of the database.
  one("a disk that has become read-only is one that fails", BAD_DISK, STORE, 'error.trouble === "disk" && isReadOnly(this.file)', "false"),
  one(
    "a witness that cannot be written ends the receiver",
    "the disk takes the database and not its witness",
    "firmware/hall/store/sqlite-errors.ts",
    "if (syscall === undefined) throw error;",
    "if (syscall !== null) throw error;",
  ),
  one(
    "output that cannot be written ends the receiver",
    "the output of the receiver goes to a file, and the disk of both fills up and fails",
    "firmware/tools/program.ts",
    "if (!isOutputNeeded) return;",
  ),
  one(
    "what could not be stored is acknowledged",
    "the receiver is killed while its disk fails",
    BATCHES,
    "if (isOfOneItem(error)) return error;\n      throw error;",
    "if (isOfOneItem(error)) return error;",
  ),
  one("a commit does not wait for the disk", POWER, STORE, 'waitsForDisk ? "FULL" : "OFF"', '"OFF"'),
  one("a commit does not wait for a disk that fails", POWER_ON_BAD_DISK, STORE, 'waitsForDisk ? "FULL" : "OFF"', '"OFF"'),
  {
    what: "nobody looks whether a database is whole, nor whether records are missing",
    red: OVERWRITTEN,
    edits: [
      { file: STORE, from: 'if (words !== "ok") throw', to: "if (false) throw" },
      { file: INGEST, from: "isWhole }: LogState, upTo: number): void {", to: "isWhole }: LogState, upTo: number): void { if (device) return;" },
    ],
  },
  one(
    "a database that was deleted is not missed",
    "the database is deleted while the receiver runs",
    FILES,
    "if (!now) throw",
    "if (!now) continue; if (false) throw",
  ),
  one(
    "a log of the database that was deleted is not missed",
    "the log of the database is deleted while the receiver runs",
    FILES,
    'const PARTS = ["", "-wal", "-shm", "-receiver"]',
    'const PARTS = [""]',
  ),
  {
    what: "a file is known by its name alone",
    red: "a copy takes the place of the database while the receiver runs",
    edits: [{ file: FILES, from: "if (now.ino !== before.ino || now.dev !== before.dev)", to: "if (false)" }, NO_TIME],
  },
  {
    what: "a file that was cut passes",
    red: "the database is cut while the receiver runs",
    edits: [{ file: FILES, from: "if (now.size < before.size)", to: "if (false)" }, NO_TIME],
  },
  { what: "a file that was written passes", red: "somebody writes into the database while the receiver runs", edits: [NO_TIME] },
  one(
    "another program may change the database",
    "another program changes the database by SQLite while the receiver runs",
    STORE,
    'throw new StorageError("damaged", "another program has changed what is stored");',
  ),
  {
    what: "a database that is gone is made anew in silence",
    red: BEFORE_START,
    edits: [
      { file: STORE, from: "if (testimony && (isNew || statSync(file).size === 0))", to: "if (false)" },
      { file: STORE, from: "if (testimony && testimony.hall !== id && !testimony.isRestored) throw another(file);", to: "" },
    ],
  },
  one("a newer database is taken", "the database is of a newer version", STORE, "else if (form !== FORM) throw otherForm(file, form, isEmpty);"),
  one(
    "nobody looks whether the database can be written",
    "the database can only be read when the receiver starts",
    "firmware/hall/store/sqlite-errors.ts",
    'if (existsSync(each)) closeSync(openSync(each, "r+"));',
    ";",
  ),
  one(
    "an older copy of the database is not noticed",
    "an older copy of the database comes back, in a hall that has gone on since",
    STORE,
    "return this.isRestored || this.pulse < this.leastPulse;",
    "return false;",
  ),
  one(
    "what could not be stored is acknowledged",
    "the disk takes nothing more, and then it does",
    STORE,
    "      this.rollback();\n      throw error;",
    "      this.rollback();\n      return;",
  ),
  one("two receivers may work on one database", "a second receiver is started on the database", CLAIM, 'db.exec("BEGIN EXCLUSIVE");'),
  one("others may read the database", OTHERS, STORE, "if (isNew) chmodSync(file, 0o600);"),
  one("others may give commands", OTHERS, CONTROL, "chmodSync(socketFile, 0o600);", ";"),
  one("others may hold the lock", OTHERS, CLAIM, "if (isNew) chmodSync(lockFile, 0o600);"),

  // Records that come back.
  one("what is missing is known to this run of the receiver alone", FETCHING, LOGS, "this.judgeWhole(state);\n    if (!known)", "if (!known)"),
  one(
    "what was asked for counts as fetched",
    FETCHING,
    "firmware/hall/receiver/fetch-back.ts",
    "if (!(await askAll(log, missing))) return;",
    "void askAll(log, missing).catch(() => undefined);",
  ),

  // One bad device.
  {
    what: "a record that cannot be read stops all",
    red: BAD_RECORDS,
    edits: [
      { file: "firmware/hall/receiver/record-columns.ts", from: "if (!(error instanceof RecordError)) throw error;", to: "if (error) throw error;" },
      NO_ITEM,
    ],
  },
  {
    what: "messages are taken as they come, and what fails in one stops all",
    red: BAD_RECORDS,
    edits: [
      { file: INTAKE, from: "if (!parsed.success) {", to: "if (false as boolean) {" },
      { file: INTAKE, from: "const { data } = parsed;", to: "const data = message as any;" },
      NO_ITEM,
    ],
  },

  // Silence.
  one("nobody looks who is silent", SILENT, SILENCE, "return goneMs > 0 && (", "return false && ("),
  one("nobody is told who is silent", SILENT, SILENCE, "hall.raise(goneTerminal(row));"),
  one("neighbours are not told who is silent", SILENT, SILENCE, "onGone(row.device);"),
  one("silence never ends", SILENT, SILENCE, 'store.endAlarm("gone", device, nowMs);'),

  // Doors.
  {
    what: "any name will do",
    red: "a terminal with a name that no terminal may have, and with its key in another folder",
    edits: [
      { file: NAME, from: "/^[\\w-]+$/", to: "/^/" },
      { file: NAME, from: "MOST_NAME_CHARACTERS = 16", to: "MOST_NAME_CHARACTERS = 99" },
    ],
  },
  one("there may be any number of connections", THOUSAND, DOOR, "else if (count >= inAll) drop(firstOfMost());"),
  one(
    "one address may have any number of connections",
    THOUSAND,
    DOOR,
    "if (here && here.size >= perAddress) drop(here.values().next().value);\n      else if",
    "if",
  ),
  one("terminals go before strangers", THOUSAND, DOOR, "for (const each of [strangers, proven])", "for (const each of [proven, strangers])"),
  one(
    "strangers stay",
    "a stranger connects and stays silent, and another one talks without end",
    "firmware/tools/link/tcp-source.ts",
    "const stranger = setTimeout(drop, strangerMs);",
    "const stranger = setTimeout(() => undefined, 0);",
  ),
  one(
    "a key that was read before is given up",
    "a key file that cannot be read: a folder, half a key, noise, an empty file, and none",
    STATE,
    "const kept = this.keys.get(device);\n      this.raise",
    "this.keys.delete(device);\n      const kept = this.keys.get(device);\n      this.raise",
  ),
  one("a key whose file is gone is kept", "the key file of a terminal is taken away", STATE, "else this.keys.delete(device);"),
  one("there may be any number of alarms", NAMES, STATE, "const MOST_ALARMS = 100;", "const MOST_ALARMS = 100_000;"),
  one(
    "an alarm is a row each time",
    NAMES,
    "firmware/hall/receiver/alarms.ts",
    'return { kind: "forged", device, key: ""',
    'return { kind: "forged", device, key: String(Math.random())',
  ),
  one(
    "a broker's packet may have any length",
    BAD_BROKER,
    "firmware/hall/sources/packet-limit.ts",
    "if (length <= mostBytes) {",
    "if (length <= 1e9) {",
  ),
  one(
    "a line may have any length",
    "strangers talk: noise, half lines, lines without an end, a hundred thousand short ones",
    LINES,
    "if (pending.length > MOST_LINE_BYTES + 1) {",
    "if (false as boolean) {",
  ),
  one("a request may have any length", REQUESTS, CONTROL, "if (end < 0 && bytes <= MOST_BYTES) return;", "if (end < 0) return;"),
  {
    what: "a request is taken as it comes, and an error of it ends the receiver",
    red: REQUESTS,
    edits: [
      { file: CONTROL, from: "if (success) return data;", to: "return json as ControlRequest;" },
      { file: CONTROL, from: "const { message } = error instanceof Error", to: "if (error) throw error; const { message } = error instanceof Error" },
    ],
  },
  one(
    "an error of a request ends the receiver",
    REQUESTS,
    CONTROL,
    "if (error instanceof ToolError) return { problem:",
    "if (error) throw error; if (error instanceof ToolError) return { problem:",
  ),
  one(
    "the end of a pipe is an error",
    "whoever reads its output goes away",
    "firmware/tools/program.ts",
    'if (error.code === "EPIPE") process.exit();',
  ),
  {
    what: "what steers a screen is printed as it came",
    red: "the holder of one key writes escape sequences into every text",
    edits: [
      { file: OUTPUT, from: "return text.replace(UNSEEN, escaped);", to: "return text;" },
      { file: OUTPUT, from: "return text.replace(UNSEEN_IN_LINES, escaped);", to: "return text;" },
    ],
  },
  one("all receivers have one client id", ONE_ID, LISTEN, "clientIdOf(store.id(), url)", 'clientIdOf("hall", url)'),
  one("a receiver has one client id at all addresses", ONE_BROKER, LISTEN, "clientIdOf(store.id(), url)", 'clientIdOf(store.id(), "mqtt://broker")'),
  one("nobody is told that clients throw each other out", ONE_ID, BROKERS, "return losses.length >= MOST_LOSSES;", "return false;"),
  one("nobody is told that two addresses are one broker", ONE_BROKER, INTAKE, "hall.raise(sameBroker(before.peer.name, peer.name));"),
];

/** What has to happen takes less in a receiver that has its protections, in ms. */
const PATIENCE_MS = 10_000;

const receivers = new BuiltReceivers();
afterAll(() => receivers.remove());

it.each(MUTATIONS)("the receiver has what a mutation takes out: $what", ({ edits, red }) => {
  expect(strayEdits(edits)).toEqual([]);
  expect(HALL_CASES.map(({ name }) => name)).toContain(red);
});

it("each case of the attacker has a mutation that it notices", () => {
  const noticed = new Set(MUTATIONS.map(({ red }) => red));
  expect(HALL_CASES.map(({ name }) => name).filter((name) => !noticed.has(name))).toEqual([]);
});

// As the cases themselves.
describe.skipIf(!IS_DEEP || process.platform !== "linux").concurrent("the attacker notices that", () => {
  it.for(MUTATIONS)("$what", { timeout: 240_000 }, async ({ edits, red }) => {
    const program = await receivers.build(edits);
    const [outcome] = await attackHalls([red], { program, patienceMs: PATIENCE_MS });
    console.info(`${red} | ${outcome?.outcome.slice(0, 200)}`);
    expect(outcome?.outcome).not.toBe("held");
  });
});
