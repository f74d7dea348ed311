// Where the log stands, in memory. Recovery reads it from flash; pages.ts and appender.ts move it on.

export interface Log {
  /** The order in which each page came into use, counted from 1; 0: the page is not in use. */
  readonly pageOrder: number[];
  /** Sequence number of the first record of each page in use. */
  readonly firstSequence: number[];
  /** The page that is being filled, or -1 before the first. */
  page: number;
  /** The next free slot in that page. */
  slot: number;
  /** Sequence number of the next record. */
  nextSequence: number;
  /** Sequence number up to which the host has stored everything. */
  acknowledged: number;
  /** Name of the log. */
  id: number;
  /** Chain code of the newest record, or the id of an empty log. */
  newestCode: number;
  /** Head of the begun record, which is still in the frame, or "" where none is begun. */
  begunHead: string;
  /** What is wrong with flash, as in `Ledger`. */
  flaws: string;
  /** How many damaged records were read since the start. */
  damaged: number;
}

/** Length at which no more flaws are noted: the whole list goes into a record. */
const MOST_FLAWS = 160;

/** Notes once what is wrong with flash. @returns true */
export function noteFlaw(log: Log, flaw: string): true {
  flaw += ", ";
  if (log.flaws.length < MOST_FLAWS && log.flaws.indexOf(flaw) < 0) log.flaws += flaw;
  return true;
}

/** Notes that one bit was put right. @param slot in which the record begins; 0: the header. @returns true */
export function noteSlot(log: Log, page: number, slot: number): true {
  return noteFlaw(log, "slot " + page + "." + slot);
}

/** An empty log. */
export function createLog(): Log {
  return {
    pageOrder: [],
    firstSequence: [],
    page: -1,
    slot: 0,
    nextSequence: 1,
    acknowledged: 0,
    id: 0,
    newestCode: 0,
    begunHead: "",
    flaws: "",
    damaged: 0,
  };
}
