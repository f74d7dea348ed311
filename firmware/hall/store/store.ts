// The hall's database: every record once, in one SQLite file. A record that was committed here is acknowledged, and so forgotten by its terminal: hence
// `synchronous = FULL`, and nothing is ever overwritten but what is proven to be false.

import { chmodSync, existsSync } from "node:fs";
import Database from "libsql";
import { ReceiveError } from "../receive-error.js";

/**
 * What the chain says of a record. `verified`: its MAC follows from the record before. `badMac`: it does not. `unverified`: the record before is not here.
 * `lost`: the terminal could not read it any more, and there are no bytes.
 */
export type Proof = "verified" | "badMac" | "unverified" | "lost";

/** A record as it stands in the table. Columns that its type does not have are null. */
export interface RecordRow {
  readonly device: string;
  readonly log: number;
  readonly sequence: number;
  readonly type: string;
  readonly staff: string | null;
  readonly transaction: string | null;
  readonly outcome: string | null;
  readonly grade: number | null;
  /** Time since the terminal's start, in ms. */
  readonly at: number | null;
  /** Wall time in seconds since 1970 UTC, where the terminal knew it. */
  readonly wall: number | null;
  readonly proof: Proof;
  /** When it was stored, in ms since 1970 UTC. */
  readonly receivedAt: number;
  /** Empty for a lost one. */
  readonly bytes: Buffer;
}

export interface DeviceRow {
  readonly device: string;
  counter: string;
  firmware: string;
  configuration: number;
  /** Counters whose state it wants to know. */
  neighbours: readonly string[];
  /** Number of the newest signed command that it accepted, as far as is known. */
  signed: number;
  /** Its newest log; -1: none has come. */
  log: number;
  /** Newest `status`, as JSON; "" for none. */
  status: string;
  /** Badge and staff number of the clerk who signed in last and has not signed out; "" for nobody. */
  dutyBadge: string;
  dutyStaff: string;
  /** Wall time of the sign-in, in seconds, 0: not known. */
  dutySince: number;
  /** Reason of the pause that has begun and not ended; "" for none. */
  dutyPause: string;
  seenAt: number;
  /** Emergency text that it was told to show and not to clear, in base64; "" for none. */
  emergency: string;
}

/** Up to where a log is complete here. */
export interface HeadRow {
  readonly device: string;
  readonly log: number;
  /** Every record up to here is stored, or was acknowledged to somebody else before; -1: nobody knows yet where this log begins here. */
  sequence: number;
  /** MAC of that record, 8 hexadecimal digits, or "" where it is not here. */
  mac: string;
}

export type AlarmKind =
  | "gap"
  | "fork"
  | "badMac"
  | "lost"
  | "unreadable"
  | "unknownDevice"
  | "newLog"
  | "impostor"
  | "forged"
  | "duplicateBadge"
  | "fault"
  | "key"
  | "refused";

export interface Alarm {
  readonly kind: AlarmKind;
  readonly device: string;
  /** Two alarms with the same kind, device and key are one. */
  readonly key: string;
  /** A sentence. */
  readonly words: string;
  /** What proves it, such as the bytes of the other record. */
  readonly evidence?: string;
}

export interface AlarmRow {
  readonly at: number;
  readonly kind: AlarmKind;
  readonly device: string;
  readonly words: string;
  readonly evidence: string;
}

/** Numbers of a log, and how many of each proof there are. */
export interface LogSummary {
  readonly device: string;
  readonly log: number;
  readonly records: number;
  readonly first: number;
  readonly last: number;
  readonly verified: number;
  readonly badMac: number;
  readonly lost: number;
  readonly sequence: number;
  readonly mac: string;
}

const SCHEMA_VERSION = 2;
const SCHEMA = `
CREATE TABLE records (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL,
  type TEXT NOT NULL, staff TEXT, "transaction" TEXT, outcome TEXT, grade INTEGER, at INTEGER, wall INTEGER,
  proof TEXT NOT NULL, received_at INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (device, log, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE heads (
  device TEXT NOT NULL, log INTEGER NOT NULL, sequence INTEGER NOT NULL, mac TEXT NOT NULL,
  PRIMARY KEY (device, log)
) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
  device TEXT PRIMARY KEY, counter TEXT NOT NULL, firmware TEXT NOT NULL, configuration INTEGER NOT NULL, neighbours TEXT NOT NULL,
  signed INTEGER NOT NULL, log INTEGER NOT NULL, status TEXT NOT NULL,
  duty_badge TEXT NOT NULL, duty_staff TEXT NOT NULL, duty_since INTEGER NOT NULL, duty_pause TEXT NOT NULL, seen_at INTEGER NOT NULL,
  emergency TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE alarms (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL, key TEXT NOT NULL, words TEXT NOT NULL, evidence TEXT NOT NULL,
  UNIQUE (kind, device, key)
) STRICT;
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Form 1 noted which terminals took signed commands: all do. It did not know what they had been told to show. */
const FROM_FORM_1 = `
ALTER TABLE devices DROP COLUMN takes_signed;
ALTER TABLE devices ADD COLUMN emergency TEXT NOT NULL DEFAULT '';
PRAGMA user_version = ${SCHEMA_VERSION};
`;

type Statement = Database.Statement<unknown[]>;
type Row = Record<string, unknown>;

/** What SQLite says when it cannot store: nothing was committed. */
export class StorageError extends Error {
  constructor(
    message: string,
    /** As SQLite names it, such as `SQLITE_FULL`. */
    readonly code: string,
  ) {
    super(message);
  }
}

/** Runs something that SQLite does. @throws StorageError */
function asked<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Database.SqliteError) throw new StorageError(error.message, error.code);
    throw error;
  }
}

export class Store {
  private readonly db: InstanceType<typeof Database>;
  private readonly statements = new Map<string, Statement>();

  private constructor(file: string) {
    this.db = new Database(file, { timeout: 2000 });
  }

  /**
   * Opens a database, and makes it where there is none.
   * @param waitsForDisk what is committed survives that the machine loses its power; else only that the process dies: for trials of that
   * @throws ReceiveError
   */
  static open(file: string, waitsForDisk = true): Store {
    const isNew = !existsSync(file);
    let store: Store | undefined;
    try {
      store = new Store(file);
      store.db.pragma("journal_mode = WAL");
      store.db.pragma(`synchronous = ${waitsForDisk ? "FULL" : "OFF"}`);
      if (isNew) chmodSync(file, 0o600);
      store.prepareSchema(file);
      return store;
    } catch (error) {
      store?.close();
      throw cannotOpen(file, error);
    }
  }

  /** Opens a database that is there, to read it. A receiver may be at work on it. @throws ReceiveError */
  static read(file: string): Store {
    if (!existsSync(file)) throw new ReceiveError(`${file}: there is no such database: name the one that the receiver writes with --database`);
    return Store.open(file);
  }

  private prepareSchema(file: string): void {
    this.db.exec("BEGIN IMMEDIATE");
    const version = (this.db.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
    if (version === 0) this.db.exec(SCHEMA);
    if (version === 1) this.db.exec(FROM_FORM_1);
    this.db.exec("COMMIT");
    if (version > 1 && version !== SCHEMA_VERSION) {
      throw new ReceiveError(`${file}: was written by another version of this program (form ${version}, and this one knows ${SCHEMA_VERSION})`);
    }
  }

  private sql(text: string): Statement {
    let statement = this.statements.get(text);
    if (!statement) {
      statement = asked(() => this.db.prepare(text));
      this.statements.set(text, statement);
    }
    return statement;
  }

  private run(text: string, ...values: readonly unknown[]): number {
    return asked(() => this.sql(text).run(...values).changes);
  }

  private get(text: string, ...values: readonly unknown[]): Row | undefined {
    return asked(() => this.sql(text).get(...values)) as Row | undefined;
  }

  private all(text: string, ...values: readonly unknown[]): Row[] {
    return asked(() => this.sql(text).all(...values)) as Row[];
  }

  // --- transactions ---

  begin(): void {
    asked(() => this.db.exec("BEGIN IMMEDIATE"));
  }

  commit(): void {
    asked(() => this.db.exec("COMMIT"));
  }

  /** Gives up what was not committed. */
  rollback(): void {
    try {
      if (this.db.inTransaction) this.db.exec("ROLLBACK");
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
    }
  }

  /** What is not committed is gone, as when the process is killed. */
  close(): void {
    this.rollback();
    this.statements.clear();
    this.db.close();
  }

  // --- records ---

  /** @returns whether it is new: a record with this number that is there stays as it is */
  insert(row: RecordRow): boolean {
    return (
      this.run(
        "INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        row.device,
        row.log,
        row.sequence,
        row.type,
        row.staff,
        row.transaction,
        row.outcome,
        row.grade,
        row.at,
        row.wall,
        row.proof,
        row.receivedAt,
        row.bytes,
      ) > 0
    );
  }

  /** Takes away a record that is proven to be false, or a lost one that came after all, so that the true one can be inserted. */
  remove(device: string, log: number, sequence: number): void {
    this.run("DELETE FROM records WHERE device = ? AND log = ? AND sequence = ?", device, log, sequence);
  }

  find(device: string, log: number, sequence: number): { readonly bytes: Buffer; readonly proof: Proof } | undefined {
    return this.get("SELECT bytes, proof FROM records WHERE device = ? AND log = ? AND sequence = ?", device, log, sequence) as
      | { bytes: Buffer; proof: Proof }
      | undefined;
  }

  setProof(device: string, log: number, sequence: number, proof: Proof): void {
    this.run("UPDATE records SET proof = ? WHERE device = ? AND log = ? AND sequence = ?", proof, device, log, sequence);
  }

  /** Numbers of the records of a log beyond a number. */
  numbersBeyond(device: string, log: number, sequence: number): number[] {
    return this.all("SELECT sequence FROM records WHERE device = ? AND log = ? AND sequence > ?", device, log, sequence).map(
      (row) => row.sequence as number,
    );
  }

  /** Every record in order, of one device or of all. */
  *records(device = ""): Generator<RecordRow> {
    const statement = this.sql("SELECT * FROM records WHERE ?1 = '' OR device = ?1 ORDER BY device, log, sequence");
    for (const each of statement.iterate(device)) {
      // Here the driver gives blobs as ArrayBuffer, and from `get` as Buffer.
      const { received_at: receivedAt, bytes, ...row } = each as Row;
      yield { ...row, receivedAt, bytes: Buffer.from(bytes as ArrayBuffer) } as unknown as RecordRow;
    }
  }

  // --- devices, logs, alarms ---

  device(name: string): DeviceRow | undefined {
    const row = this.get("SELECT * FROM devices WHERE device = ?", name);
    return row && deviceRow(row);
  }

  devices(): DeviceRow[] {
    return this.all("SELECT * FROM devices ORDER BY device").map(deviceRow);
  }

  saveDevice(row: DeviceRow): void {
    this.run(
      "INSERT OR REPLACE INTO devices VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      row.device,
      row.counter,
      row.firmware,
      row.configuration,
      JSON.stringify(row.neighbours),
      row.signed,
      row.log,
      row.status,
      row.dutyBadge,
      row.dutyStaff,
      row.dutySince,
      row.dutyPause,
      row.seenAt,
      row.emergency,
    );
  }

  head(device: string, log: number): HeadRow | undefined {
    const row = this.get("SELECT sequence, mac FROM heads WHERE device = ? AND log = ?", device, log);
    return row && { device, log, sequence: row.sequence as number, mac: row.mac as string };
  }

  saveHead({ device, log, sequence, mac }: HeadRow): void {
    this.run("INSERT OR REPLACE INTO heads VALUES (?,?,?,?)", device, log, sequence, mac);
  }

  /** Devices that have a log of this name. */
  devicesWithLog(log: number): string[] {
    return this.all("SELECT device FROM heads WHERE log = ?", log).map((row) => row.device as string);
  }

  /** @returns whether it is new */
  raise(alarm: Alarm, at: number): boolean {
    const { kind, device, key, words, evidence = "" } = alarm;
    return this.run("INSERT INTO alarms VALUES (NULL,?,?,?,?,?,?) ON CONFLICT DO NOTHING", at, kind, device, key, words, evidence) > 0;
  }

  alarms(): AlarmRow[] {
    return this.all("SELECT at, kind, device, words, evidence FROM alarms ORDER BY id") as unknown as AlarmRow[];
  }

  logs(): LogSummary[] {
    return this.all(`
      SELECT h.device, h.log, h.sequence, h.mac, count(r.sequence) AS records, coalesce(min(r.sequence), 0) AS first, coalesce(max(r.sequence), 0) AS last,
        coalesce(sum(r.proof = 'verified'), 0) AS verified, coalesce(sum(r.proof = 'badMac'), 0) AS badMac, coalesce(sum(r.proof = 'lost'), 0) AS lost
      FROM heads h LEFT JOIN records r ON r.device = h.device AND r.log = h.log
      GROUP BY h.device, h.log ORDER BY h.device, h.log`) as unknown as LogSummary[];
  }

  /** No more than so many pages, to try what happens on a full disk. */
  limitPages(pages: number): void {
    this.db.pragma(`max_page_count = ${pages}`);
  }
}

function deviceRow(row: Row): DeviceRow {
  return {
    device: row.device as string,
    counter: row.counter as string,
    firmware: row.firmware as string,
    configuration: row.configuration as number,
    neighbours: JSON.parse(row.neighbours as string) as string[],
    signed: row.signed as number,
    log: row.log as number,
    status: row.status as string,
    dutyBadge: row.duty_badge as string,
    dutyStaff: row.duty_staff as string,
    dutySince: row.duty_since as number,
    dutyPause: row.duty_pause as string,
    seenAt: row.seen_at as number,
    emergency: row.emergency as string,
  };
}

function cannotOpen(file: string, error: unknown): Error {
  if (error instanceof ReceiveError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  const { code = "" } = error as { code?: string };
  if (code === "SQLITE_NOTADB") return new ReceiveError(`${file}: is no database: name another file with --database`);
  if (code.startsWith("SQLITE_BUSY")) return new ReceiveError(`${file}: another program holds it: end that program`);
  if (code === "SQLITE_FULL") return new ReceiveError(`${file}: the disk is full: make room`);
  return new ReceiveError(`${file}: cannot be opened as a database: ${error.message}. Is the folder there, and may you write in it?`);
}

/** Somebody's right to be the only receiver of a database. It ends with the process, however that ends. */
export interface Claim {
  release(): void;
}

/** @throws ReceiveError when another receiver has it */
export function claim(file: string): Claim {
  const lockFile = `${file}-receiver`;
  try {
    const db = new Database(lockFile);
    // An exclusive transaction that never ends: the operating system gives the lock back when the process is gone.
    db.exec("BEGIN EXCLUSIVE");
    return { release: () => void db.close() };
  } catch (error) {
    if ((error as { code?: string }).code === "SQLITE_BUSY") {
      throw new ReceiveError(`${file}: another receiver is at work on it: end that one, or give this one another --database`);
    }
    throw cannotOpen(lockFile, error);
  }
}
