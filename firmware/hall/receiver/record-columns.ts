// The columns of a record's row, checked before they come near the database: a record that breaks its rules is stored as unreadable, and hurts no other.

import { z } from "zod";
import { type LedgerRecord, RecordError, readRecord } from "../../tools/ledger/ledger-reader.js";

const word = z.string().regex(/^[A-Za-z0-9._-]{0,16}$/);

const columnsSchema = z.object({
  staff: word.optional(),
  transaction: word.optional(),
  outcome: z.string().optional(),
  grade: z.int().min(0).max(5).optional(),
});

export type RecordColumns = Readonly<z.output<typeof columnsSchema>>;

/** A record with its columns, or what is wrong with it. */
export type CheckedRecord =
  | { readonly record: LedgerRecord; readonly columns: RecordColumns; readonly damage: "" }
  | { readonly record: undefined; readonly columns: RecordColumns; readonly damage: string };

/** Reads the bytes of a record. It never throws, whatever they are. */
export function checkedRecord(bytes: Buffer): CheckedRecord {
  let record: LedgerRecord;
  try {
    record = readRecord(bytes);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return damagedBy(error);
  }
  const { success, data, error } = columnsSchema.safeParse(record);
  if (!success) return damagedBy(new Error(`${error.issues[0]?.path.join(".")}: ${error.issues[0]?.message}`));
  if (record.type === "card" && record.grade === 0) return damagedBy(new Error("a card has the grade 0"));
  return { record, columns: data, damage: "" };
}

/** A record that cannot be stored as it should, for this reason. */
export function damagedBy({ message }: Error): CheckedRecord {
  return { record: undefined, columns: {}, damage: message };
}
