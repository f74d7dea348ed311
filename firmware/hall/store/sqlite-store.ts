// The hall's database in one SQLite file: every record once. A record that was committed here is acknowledged, and its terminal may forget it. Therefore
// `synchronous` is `FULL`, and nothing is overwritten that is not proven to be false.

import { chmodSync, existsSync, statSync } from "node:fs";
import Database from "libsql";
import { ToolError } from "../../tools/tool-error.js";
import { DatabaseFiles, syncFolder } from "./database-files.js";
import type { Alarm, AlarmKind, AlarmRow, DeviceRow, HeadRow, LogSummary, NumberRange, Proof, RecordRow, ReplacedRow, StoredRecord } from "./rows.js";
import { asked, cannotOpen, damaged, done, isReadOnly, NOTHING_STORED, requireWritable } from "./sqlite-errors.js";
import { APPLICATION, FORM, TABLES, UPGRADES } from "./sqlite-schema.js";
import { type Archive, RESTORE, RowError, StorageError, type Store } from "./store.js";
import { type Testimony, testimonyOf, Witness, witnessFile } from "./witness.js";

type Statement = Database.Statement<unknown[]>;
type Row = Record<string, unknown>;
/** What a statement takes. Anything else would end the process: the driver panics. */
type Value = string | number | Buffer | null;

/** After so many batches they go from the write-ahead log into the main file. Nobody else may do that: a change of the main file is a fault then. */
const BATCHES_PER_CHECKPOINT = 100;
const AS_IT_WAS = "The database is as it was.";

/** What is in a database, in numbers. */
export interface StoreFacts {
  /** The id of the hall. */
  readonly hall: string;
  /** How many batches were stored. */
  readonly pulse: number;
  readonly records: number;
  readonly terminals: number;
  readonly alarms: number;
  /** When the newest record was stored, in ms since 1970 UTC; 0: there is none. */
  readonly newest: number;
}

/** A hall in a SQLite file. */
export class SqliteStore implements Store, Archive {
  private readonly db: InstanceType<typeof Database>;
  private readonly statements = new Map<string, Statement>();
  private readonly files: DatabaseFiles;
  private witness: Witness | undefined;
  private isRestored = false;
  /** How many batches the database has taken since it was made, and how many it has taken at least, as its witness says. */
  private pulse = 0;
  private leastPulse = 0;
  private hall = "";
  /** SQLite's own number, which changes when another connection commits. */
  private foreignVersion = 0;

  private constructor(private readonly file: string) {
    this.db = new Database(file, { timeout: 2000 });
    this.files = new DatabaseFiles(file);
  }

  /**
   * Opens a database to write it, and makes it where there is none.
   * @param waitsForDisk whether a commit survives a power cut of the machine. Trials that kill only the process need not wait
   * @throws ToolError
   */
  static open(file: string, waitsForDisk = true): SqliteStore {
    const testimony = testimonyOf(file);
    const isNew = !existsSync(file);
    if (testimony && (isNew || statSync(file).size === 0)) throw missing(file, testimony);
    requireWritable(file);
    let store: SqliteStore | undefined;
    try {
      store = new SqliteStore(file);
      if (isNew) chmodSync(file, 0o600);
      store.requireForm(file, true);
      store.requireIntegrity(file);
      store.db.pragma("journal_mode = WAL");
      store.db.pragma("wal_autocheckpoint = 0");
      store.db.pragma(`synchronous = ${waitsForDisk ? "FULL" : "OFF"}`);
      // On macOS a disk may keep what it was told to write in its cache, but for this.
      store.db.pragma("fullfsync = ON");
      // SQLite opens a file that it may not write, to read it.
      store.db.exec("UPDATE hall SET pulse = pulse");
      if (waitsForDisk) syncFolder(file);
      store.callWitness(file, testimony);
      return store;
    } catch (error) {
      store?.close();
      throw cannotOpen(file, error);
    }
  }

  /** Opens an existing database to read it. A receiver may be at work on it. @throws ToolError */
  static read(file: string, state = "Nothing was read."): SqliteStore {
    if (!existsSync(file)) {
      const todo = "Name the one that the receiver writes with --database.";
      throw new ToolError("databaseMissing", `${file}: there is no such database.`, state, todo);
    }
    let store: SqliteStore | undefined;
    try {
      store = new SqliteStore(file);
      store.db.pragma("wal_autocheckpoint = 0");
      store.requireForm(file, false);
      return store;
    } catch (error) {
      store?.close();
      throw cannotOpen(file, error, state);
    }
  }

  /** Makes the tables in an empty database, and brings those of an earlier form up to date, when it is opened to write. @throws ToolError for any other */
  private requireForm(file: string, isWritten: boolean): void {
    const { db } = this;
    if (isWritten) db.exec("BEGIN IMMEDIATE");
    const form = this.number("user_version");
    const isEmpty = db.prepare("SELECT 1 FROM sqlite_master").get([]) === undefined;
    const upgrade = UPGRADES[form];
    const isOurs = isEmpty || this.number("application_id") === APPLICATION || (upgrade !== undefined && this.hasRecords());
    if (!isOurs) {
      const todo = "Name another file with --database.";
      throw new ToolError("databaseInvalid", `${file}: is the database of another program.`, AS_IT_WAS, todo);
    }
    if (isWritten && isEmpty) db.exec(TABLES);
    else if (isWritten && upgrade) db.exec(upgrade);
    else if (form !== FORM) throw otherForm(file, form, isEmpty);
    if (isWritten) db.exec("COMMIT");
  }

  private number(pragma: string): number {
    return (this.db.prepare(`PRAGMA ${pragma}`).get([]) as Record<string, number>)[pragma] as number;
  }

  private hasRecords(): boolean {
    return this.db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'records'").get([]) !== undefined;
  }

  /** @param isThorough also whether indexes and tables agree @throws ToolError `databaseDamaged` */
  requireIntegrity(file: string, isThorough = false, state = NOTHING_STORED): void {
    const found = this.ask(() => this.db.prepare(`PRAGMA ${isThorough ? "integrity_check" : "quick_check"}(1)`).get([])) as Row;
    const words = String(Object.values(found)[0]);
    if (words !== "ok") throw damaged(file, words, state);
  }

  /** Compares the database with what its witness says, and lets it go on from there. */
  private callWitness(file: string, testimony: Testimony | undefined): void {
    const { id, pulse } = this.get("SELECT id, pulse FROM hall") as { id: string; pulse: number };
    if (testimony && testimony.hall !== id && !testimony.isRestored) throw another(file);
    this.hall = id;
    this.pulse = pulse;
    this.leastPulse = testimony?.pulse ?? 0;
    this.isRestored = testimony?.isRestored === true;
    this.witness = new Witness(file);
    if (!testimony) this.witness.write({ hall: id, pulse, isRestored: false });
    this.foreignVersion = this.number("data_version");
    this.files.look();
  }

  get isOlder(): boolean {
    return this.isRestored || this.pulse < this.leastPulse;
  }

  /** @throws StorageError and RowError, as `asked` does */
  private ask<T>(run: () => T): T {
    // The driver ends the process where a closed database is asked.
    if (!this.db.open) throw new StorageError("broken", "the database is closed");
    try {
      return asked(run);
    } catch (error) {
      throw error instanceof StorageError && error.trouble === "disk" && isReadOnly(this.file) ? new StorageError("readOnly", error.message) : error;
    }
  }

  private sql(text: string): Statement {
    let statement = this.statements.get(text);
    if (!statement) {
      statement = this.ask(() => this.db.prepare(text));
      this.statements.set(text, statement);
    }
    return statement;
  }

  private run(text: string, ...values: readonly Value[]): number {
    return this.ask(() => this.sql(text).run(bound(values)).changes);
  }

  private get(text: string, ...values: readonly Value[]): Row | undefined {
    return this.ask(() => this.sql(text).get(bound(values))) as Row | undefined;
  }

  private all(text: string, ...values: readonly Value[]): Row[] {
    return this.ask(() => this.sql(text).all(bound(values))) as Row[];
  }

  // --- transactions ---

  transact(batch: () => void): void {
    const pulse = Math.max(this.pulse, this.leastPulse) + 1;
    try {
      this.begin();
      this.requireAlone();
      batch();
      this.run("UPDATE hall SET pulse = ?", pulse);
      // A log that was cut is as long as before behind the commit, with a hole.
      this.look();
      this.commit();
    } catch (error) {
      this.rollback();
      throw error;
    }
    this.look();
    // Where it cannot be written, the batch is not acknowledged, and comes again.
    done(() => this.witness?.write({ hall: this.hall, pulse, isRestored: false }));
    this.pulse = pulse;
    this.isRestored = false;
    if (pulse % BATCHES_PER_CHECKPOINT === 0) this.checkpoint();
  }

  look(): void {
    done(() => this.files.look());
  }

  /** Another program that writes by SQLite changes no file's length before its own checkpoint. Now that nobody else may write, nothing may be different. */
  private requireAlone(): void {
    if (this.ask(() => this.number("data_version")) === this.foreignVersion) return;
    throw new StorageError("damaged", "another program has changed what is stored");
  }

  private checkpoint(): void {
    this.ask(() => this.db.pragma("wal_checkpoint(PASSIVE)"));
    done(() => this.files.noteMain());
  }

  private begin(): void {
    this.ask(() => this.db.exec("BEGIN IMMEDIATE"));
  }

  /** The end of a transaction, for trials that let the process die there. */
  commit(): void {
    this.ask(() => this.db.exec("COMMIT"));
  }

  private rollback(): void {
    try {
      if (this.db.open && this.db.inTransaction) this.db.exec("ROLLBACK");
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
    }
  }

  /** Gives up an open transaction, as the death of the process does. */
  close(): void {
    if (!this.db.open) return;
    this.rollback();
    if (this.witness) this.tidy();
    this.statements.clear();
    this.db.close();
    this.witness?.close();
    this.witness = undefined;
  }

  /** Leaves everything in the main file, so that whoever copies that has all of it. */
  private tidy(): void {
    try {
      this.look();
      this.db.pragma("wal_checkpoint(TRUNCATE)");
    } catch (error) {
      // The log stays, and the next start takes it in.
      if (!(error instanceof StorageError) && !(error instanceof Database.SqliteError)) throw error;
    }
  }

  /** Writes everything into another file, as it is at this moment. @param file a new one, or an empty one @throws StorageError */
  copyInto(file: string): void {
    this.run("VACUUM INTO ?", file);
  }

  /** What is in it now. */
  facts(): StoreFacts {
    const sql = `SELECT id AS hall, pulse, (SELECT count(*) FROM records) AS records, (SELECT count(*) FROM devices) AS terminals,
      (SELECT count(*) FROM alarms) AS alarms, (SELECT coalesce(max(received_at), 0) FROM records) AS newest FROM hall`;
    return this.get(sql) as unknown as StoreFacts;
  }

  /** How many of its records are not in a copy of it. */
  countMissingIn(file: string): number {
    this.run("ATTACH ? AS copy", file);
    try {
      const sql = "SELECT count(*) AS count FROM (SELECT device, log, sequence FROM records EXCEPT SELECT device, log, sequence FROM copy.records)";
      return (this.get(sql) as { count: number }).count;
    } finally {
      this.statements.clear();
      this.ask(() => this.db.exec("DETACH copy"));
    }
  }

  /** What tells this hall from others: 16 hexadecimal digits, for as long as there is the database. */
  id(): string {
    return (this.get("SELECT id FROM hall") as { id: string }).id;
  }

  // --- records ---

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

  replace(row: RecordRow): void {
    const { device, log, sequence } = row;
    this.run(
      "INSERT INTO replaced SELECT device, log, sequence, received_at, bytes FROM records WHERE device = ? AND log = ? AND sequence = ? AND proof <> 'lost'",
      device,
      log,
      sequence,
    );
    this.run("DELETE FROM records WHERE device = ? AND log = ? AND sequence = ?", device, log, sequence);
    this.insert(row);
  }

  find(device: string, log: number, sequence: number): StoredRecord | undefined {
    return this.get("SELECT bytes, proof FROM records WHERE device = ? AND log = ? AND sequence = ?", device, log, sequence) as
      | StoredRecord
      | undefined;
  }

  setProof(device: string, log: number, sequence: number, proof: Proof): void {
    this.run("UPDATE records SET proof = ? WHERE device = ? AND log = ? AND sequence = ?", proof, device, log, sequence);
  }

  countProven(device: string, log: number, upTo: number): number {
    const sql = "SELECT count(*) AS count FROM records WHERE device = ? AND log = ? AND sequence <= ? AND proof = 'verified'";
    return (this.get(sql, device, log, upTo) as { count: number }).count;
  }

  numbersBeyond(device: string, log: number, sequence: number): number[] {
    return this.all("SELECT sequence FROM records WHERE device = ? AND log = ? AND sequence > ?", device, log, sequence).map(
      (row) => row.sequence as number,
    );
  }

  missing(device: string, log: number, floor: number, upTo: number): NumberRange[] {
    const sql = `
      SELECT before + 1 AS first, sequence - 1 AS last FROM (
        SELECT sequence, lag(sequence, 1, ?3) OVER (ORDER BY sequence) AS before FROM (
          SELECT sequence FROM records WHERE device = ?1 AND log = ?2 AND sequence > ?3 AND sequence <= ?4 UNION ALL SELECT ?4 + 1
        )
      ) WHERE sequence > before + 1 ORDER BY sequence`;
    return this.all(sql, device, log, floor, upTo) as unknown as NumberRange[];
  }

  isWhole(device: string, log: number, floor: number, upTo: number): boolean {
    if (upTo <= floor) return true;
    const sql = "SELECT count(*) AS count FROM records WHERE device = ? AND log = ? AND sequence > ? AND sequence <= ?";
    return (this.get(sql, device, log, floor, upTo) as { count: number }).count === upTo - floor;
  }

  newestOf(device: string, log: number, types: readonly string[], upTo: number): Buffer[] {
    const sql = `SELECT bytes FROM records WHERE device = ? AND log = ? AND sequence <= ? AND type IN (${types.map(() => "?").join()}) ORDER BY sequence DESC LIMIT 100`;
    return this.all(sql, device, log, upTo, ...types).map(({ bytes }) => Buffer.from(bytes as Buffer));
  }

  *records(device = ""): Generator<RecordRow> {
    yield* this.rowsWithBytes<RecordRow>("SELECT * FROM records WHERE ?1 = '' OR device = ?1 ORDER BY device, log, sequence", device);
  }

  *replacedRecords(device = ""): Generator<ReplacedRow> {
    yield* this.rowsWithBytes<ReplacedRow>("SELECT * FROM replaced WHERE ?1 = '' OR device = ?1 ORDER BY rowid", device);
  }

  private *rowsWithBytes<T>(sql: string, device: string): Generator<T> {
    for (const each of this.sql(sql).iterate(device)) {
      // Here the driver gives blobs as ArrayBuffer, and from `get` as Buffer.
      const { received_at: receivedAt, bytes, ...row } = each as Row;
      yield { ...row, receivedAt, bytes: Buffer.from(bytes as ArrayBuffer) } as T;
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
      "INSERT OR REPLACE INTO devices VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
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
      row.start,
      row.heardAt,
      row.isGone ? 1 : 0,
    );
  }

  head(device: string, log: number): HeadRow | undefined {
    const row = this.get("SELECT sequence, mac, floor FROM heads WHERE device = ? AND log = ?", device, log);
    return row && { device, log, sequence: row.sequence as number, mac: row.mac as string, floor: row.floor as number };
  }

  saveHead({ device, log, sequence, mac, floor }: HeadRow): void {
    this.run("INSERT OR REPLACE INTO heads VALUES (?,?,?,?,?)", device, log, sequence, mac, floor);
  }

  devicesWithLog(log: number): string[] {
    return this.all("SELECT device FROM heads WHERE log = ?", log).map((row) => row.device as string);
  }

  raise({ kind, device, key, occasion, words, evidence = "" }: Alarm, at: number): boolean {
    const place = [kind, device, key] as const;
    const again = "UPDATE alarms SET count = count + 1, last = ?, ended = 0 WHERE kind = ? AND device = ? AND key = ? AND occasion = ?";
    if (this.run(again, at, ...place, occasion) > 0) return false;
    const another = "UPDATE alarms SET count = count + 1, last = ?, ended = 0, occasion = ?, words = ? WHERE kind = ? AND device = ? AND key = ?";
    if (this.run(another, at, occasion, words, ...place) === 0)
      this.run("INSERT INTO alarms VALUES (NULL,?,?,?,?,1,?,?,?,?,0)", ...place, occasion, at, at, words, evidence);
    return true;
  }

  endAlarm(kind: AlarmKind, device: string, at: number): void {
    this.run("UPDATE alarms SET ended = ? WHERE kind = ? AND device = ? AND ended = 0", at, kind, device);
  }

  hasAlarm({ kind, device, key }: Alarm): boolean {
    return this.get("SELECT 1 FROM alarms WHERE kind = ? AND device = ? AND key = ?", kind, device, key) !== undefined;
  }

  countAlarms(kind: AlarmKind, device?: string): number {
    const sql = "SELECT count(*) AS count FROM alarms WHERE kind = ?";
    const row = device === undefined ? this.get(sql, kind) : this.get(`${sql} AND device = ?`, kind, device);
    return (row as { count: number }).count;
  }

  alarms(): AlarmRow[] {
    return this.all("SELECT kind, device, count, first, last, words, evidence, ended FROM alarms ORDER BY id") as unknown as AlarmRow[];
  }

  logs(): LogSummary[] {
    return this.all(`
      SELECT h.device, h.log, h.sequence, h.mac, count(r.sequence) AS records, coalesce(min(r.sequence), 0) AS first, coalesce(max(r.sequence), 0) AS last,
        coalesce(sum(r.proof = 'verified'), 0) AS verified, coalesce(sum(r.proof = 'badMac'), 0) AS badMac, coalesce(sum(r.proof = 'lost'), 0) AS lost
      FROM heads h LEFT JOIN records r ON r.device = h.device AND r.log = h.log
      GROUP BY h.device, h.log ORDER BY h.device, h.log`) as unknown as LogSummary[];
  }

  /** Limits the size of the database, for trials of a full disk. */
  limitPages(pages: number): void {
    this.db.pragma(`max_page_count = ${pages}`);
  }
}

/** @throws RowError for what the driver does not take */
function bound(values: readonly unknown[]): readonly unknown[] {
  const bad = values.find((each) => each !== null && typeof each !== "string" && typeof each !== "number" && !Buffer.isBuffer(each));
  if (bad !== undefined || values.includes(undefined)) throw new RowError(`a ${typeof bad} is no value of a column`);
  return values;
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
    start: row.start as number,
    heardAt: row.heard_at as number,
    isGone: row.is_gone === 1,
  };
}

function otherForm(file: string, form: number, isEmpty: boolean): ToolError {
  if (isEmpty) return new ToolError("databaseInvalid", `${file}: is empty.`, AS_IT_WAS, "Name another file, or start the receiver on this one.");
  const message = `${file}: was written by another version of this program (form ${form}, and this one knows ${FORM}).`;
  const todo =
    form > FORM
      ? "Use the version that wrote it, or a newer one."
      : UPGRADES[form]
        ? "Start the receiver of this version on it once: it brings it up to date."
        : "Export its records with the version that wrote it, and begin a new database.";
  return new ToolError("databaseVersion", message, AS_IT_WAS, todo);
}

/** There was a database, and now there is none. */
function missing(file: string, { isRestored }: Testimony): ToolError {
  if (isRestored) {
    const message = `${file}: the database is not in its place. A restore was interrupted, or it was deleted since.`;
    const todo = `Give the restore once more: counter-terminal receive restore BACKUP. The database before, if there was one, is ${file}-before-TIME; the restore says how many records it has that the backup does not have.`;
    return new ToolError("databaseMissing", message, NOTHING_STORED, todo);
  }
  const todo = `Put it back, or ${RESTORE}. To begin with an empty one, delete ${witnessFile(file)}: terminals then send again what they still hold.`;
  return new ToolError("databaseMissing", `${file}: the database that was here has been deleted or emptied.`, NOTHING_STORED, todo);
}

/** The database of another hall has taken the place of the one that was here. */
function another(file: string): ToolError {
  const todo = `Put back the one that was here, or ${RESTORE}. Where this is the right one, delete ${witnessFile(file)}.`;
  return new ToolError("databaseInvalid", `${file}: another hall's database has taken the place of the one that was here.`, AS_IT_WAS, todo);
}
