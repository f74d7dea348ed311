// The ledger on the Node side, for the other rooms: a whole flash image, the records that a host has stored, or one record off the wire. It was written from
// ledger/FORMAT.md alone and shares no code and no constant with ledger/: so it checks the firmware instead of repeating it.

export type { HeadState, LedgerProblem, ProblemKind, RecordHead } from "./chain/question.js";
export { findRecords, type LedgerGeometry, type LedgerImage, type RecordPlace, readFlashImage } from "./flash-image.js";
export { type CopyHead, copyIn, type LedgerCopy, packCopy, readCopy, readRecords } from "./ledger-copy.js";
export { crcOf, END_BYTES, RecordError, readRecord, SLOT_BYTES, TEXT_START } from "./record-reader.js";
export { type StreamEvidence, verifyRecords } from "./record-stream.js";
export {
  type LedgerRecord,
  OUTCOMES,
  type OutcomeName,
  RECORD_FIELDS,
  RECORD_NUMBERS,
  type RecordFrame,
  type RecordTypeName,
} from "./record-types.js";
export type { Evidence, Verification } from "./verification.js";
