// The hall's database in one SQLite file: every record once. A record that was committed here is acknowledged, and its terminal may forget it. Therefore
// `synchronous` is `FULL`, and nothing is overwritten that is not proven to be false.

import { chmodSync, existsSync } from "node:fs";
import Database from "libsql";
import { ToolError } from "../../tools/tool-error.js";
import type { Alarm, AlarmKind, AlarmRow, DeviceRow, HeadRow, LogSummary, Proof, RecordRow, StoredRecord } from "./rows.js";
import { asked, cannotOpen } from "./sqlite-errors.js";
import { FORM, TABLES } from "./sqlite-schema.js";
import { type Archive, RowError, StorageError, type Store } from "./store.js";

type Statement = Database.Statement<unknown[]>;
type Row = Record<string, unknown>;
/** What a statement takes. Anything else would end the process: the driver panics. */
type Value = string | number | Buffer | null;

/** A hall in a SQLite file. */
export class SqliteStore implements Store, Archive {
  private readonly db: InstanceType<typeof Database>;
  private readonly statements = new Map<string, Statement>();

  private constructor(file: string) {
    this.db = new Database(file, { timeout: 2000 });
  }

  /**
   * Opens a database, and makes it where there is none.
   * @param waitsForDisk whether a commit survives a power cut of the machine. Trials that kill only the process need not wait
   * @throws ToolError
   */
  static open(file: string, waitsForDisk = true): SqliteStore {
    const isNew = !existsSync(file);
    let store: SqliteStore | undefined;
    try {
      store = new SqliteStore(file);
      store.db.pragma("journal_mode = WAL");
      store.db.pragma(`synchronous = ${waitsForDisk ? "FULL" : "OFF"}`);
      if (isNew) chmodSync(file, 0o600);
      store.makeTables(file);
      return store;
    } catch (error) {
      store?.close();
      throw cannotOpen(file, error);
    }
  }

  /** Makes the tables in an empty database. @throws ToolError where it holds others */
  private makeTables(file: string): void {
    const { db } = this;
    db.exec("BEGIN IMMEDIATE");
    const { user_version: form } = db.prepare("PRAGMA user_version").get([]) as { user_version: number };
    const isEmpty = db.prepare("SELECT 1 FROM sqlite_master").get([]) === undefined;
    if (isEmpty) db.exec(TABLES);
    db.exec("COMMIT");
    if (isEmpty || form === FORM) return;
    const isOurs = form > 0 && db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'records'").get([]) !== undefined;
    if (!isOurs) {
      const todo = "Name another file with --database.";
      throw new ToolError("databaseInvalid", `${file}: is the database of another program.`, "The database is as it was.", todo);
    }
    const message = `${file}: was written by another version of this program (form ${form}, and this one knows ${FORM}).`;
    const todo =
      form > FORM ? "Use the version that wrote it, or a newer one." : "Export its records with the version that wrote it, and begin a new database.";
    throw new ToolError("databaseVersion", message, "The database is as it was.", todo);
  }

  /** Opens an existing database to read it. A receiver may be at work on it. @throws ToolError */
  static read(file: string): SqliteStore {
    if (existsSync(file)) return SqliteStore.open(file);
    const todo = "Name the one that the receiver writes with --database.";
    throw new ToolError("databaseMissing", `${file}: there is no such database.`, "Nothing was read.", todo);
  }

  /** @throws StorageError and RowError, as `asked` does */
  private ask<T>(run: () => T): T {
    // The driver ends the process where a closed database is asked.
    if (!this.db.open) throw new StorageError("broken", "the database is closed");
    return asked(run);
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
    try {
      this.begin();
      batch();
      this.commit();
    } catch (error) {
      this.rollback();
      throw error;
    }
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
    this.rollback();
    this.statements.clear();
    this.db.close();
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
      "INSERT OR REPLACE INTO devices VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
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
    );
  }

  head(device: string, log: number): HeadRow | undefined {
    const row = this.get("SELECT sequence, mac FROM heads WHERE device = ? AND log = ?", device, log);
    return row && { device, log, sequence: row.sequence as number, mac: row.mac as string };
  }

  saveHead({ device, log, sequence, mac }: HeadRow): void {
    this.run("INSERT OR REPLACE INTO heads VALUES (?,?,?,?)", device, log, sequence, mac);
  }

  devicesWithLog(log: number): string[] {
    return this.all("SELECT device FROM heads WHERE log = ?", log).map((row) => row.device as string);
  }

  raise({ kind, device, key, occasion, words, evidence = "" }: Alarm, at: number): boolean {
    const place = [kind, device, key] as const;
    const again = "UPDATE alarms SET count = count + 1, last = ? WHERE kind = ? AND device = ? AND key = ? AND occasion = ?";
    if (this.run(again, at, ...place, occasion) > 0) return false;
    const another = "UPDATE alarms SET count = count + 1, last = ?, occasion = ?, words = ? WHERE kind = ? AND device = ? AND key = ?";
    if (this.run(another, at, occasion, words, ...place) === 0)
      this.run("INSERT INTO alarms VALUES (NULL,?,?,?,?,1,?,?,?,?)", ...place, occasion, at, at, words, evidence);
    return true;
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
    return this.all("SELECT kind, device, count, first, last, words, evidence FROM alarms ORDER BY id") as unknown as AlarmRow[];
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
  };
}
