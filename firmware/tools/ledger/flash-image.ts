// Reads a whole image of the ledger's flash region: its pages, their slots, and the records in them.

import { judgeChain } from "./chain/judge.js";
import type { ChainItem, ChainPage, LedgerProblem } from "./chain/question.js";
import { bufferOver, hasRecordInside, isCommitted, isTornInCommit, isWhole, MAC_BYTES, MOST_SLOTS, macIn, SLOT_BYTES } from "./record-reader.js";
import type { LedgerRecord } from "./record-types.js";
import { bytesOf, type Evidence, itemOf, readInto, scopeOf, type Verification } from "./verification.js";

/** How the flash region is divided. */
export interface LedgerGeometry {
  readonly pageBytes: number;
  readonly pageCount: number;
}

export interface LedgerImage extends Verification {
  /** The log's name; undefined when there is no log in the image. */
  readonly logId: number | undefined;
  /** All whole records, oldest first, in their order in flash. */
  readonly records: readonly LedgerRecord[];
  /** The host has every record up to here. */
  readonly acknowledged: number;
  /** Slots of interrupted or failed writes. They are normal, and their records never counted. */
  readonly tornSlots: number;
}

const BLANK = Buffer.alloc(SLOT_BYTES, 255);

interface Page extends ChainPage {
  readonly acknowledged: number;
  readonly logId: number;
}

/** The content of a page's slots. */
interface PageScan {
  /** Committed records, whole or damaged. */
  readonly items: readonly { readonly item: ChainItem; readonly bytes: Buffer; readonly slot: number }[];
  readonly tornSlots: number;
  /** The slot behind the last that was used. */
  readonly freeSlot: number;
}

/** Where a whole record stands in an image. */
export interface RecordPlace {
  readonly sequence: number;
  readonly offset: number;
  readonly lengthBytes: number;
}

/**
 * Finds the whole records of an image, oldest first, and the free room behind them in the newest page.
 * @returns `room` is undefined when there is no log
 */
export function findRecords(bytes: Uint8Array, geometry: LedgerGeometry): { records: readonly RecordPlace[]; room: RecordPlace | undefined } {
  const image = imageOver(bytes, geometry);
  const pages = readPages(image, geometry, []);
  const records: RecordPlace[] = [];
  let room: RecordPlace | undefined;
  for (const { index, firstSequence } of pages) {
    const { items, freeSlot } = scanPage(pageOf(image, geometry, index), index);
    for (const { item, bytes: record, slot } of items) {
      if (item.damage !== undefined) continue;
      records.push({ sequence: item.sequence, offset: index * geometry.pageBytes + slot * SLOT_BYTES, lengthBytes: record.length });
    }
    const offset = freeSlot * SLOT_BYTES;
    const sequence = (records[records.length - 1]?.sequence ?? firstSequence - 1) + 1;
    room = { sequence, offset: index * geometry.pageBytes + offset, lengthBytes: geometry.pageBytes - offset };
  }
  return { records, room };
}

/** Reads a whole image of the ledger's flash region, and checks it against the evidence there is. */
export function readFlashImage(bytes: Uint8Array, geometry: LedgerGeometry, evidence: Evidence = {}): LedgerImage {
  const { key, head } = evidence;
  const image = imageOver(bytes, geometry);
  const problems: LedgerProblem[] = [];
  const records: LedgerRecord[] = [];
  const items: ChainItem[] = [];
  let tornSlots = 0;

  const pages = readPages(image, geometry, problems);
  for (const { index } of pages) {
    const scan = scanPage(pageOf(image, geometry, index), index);
    tornSlots += scan.tornSlots;
    for (const { item, bytes: record } of scan.items) {
      items.push(item);
      if (item.damage === undefined) readInto(records, problems, record, item);
    }
  }
  const strays: ChainItem[] = [];
  for (let index = 0; index < geometry.pageCount; index++) {
    if (pages.some((page) => page.index === index)) continue;
    for (const { item } of scanPage(pageOf(image, geometry, index), index).items) if (item.damage === undefined) strays.push(item);
  }

  const [oldest] = pages;
  const newest = pages[pages.length - 1];
  const begin = { sequence: 0, mac: bytesOf(newest?.logId ?? 0) };
  const judged = judgeChain({ items, pages, strays, first: oldest?.firstSequence ?? 1, begin, key, head });

  let acknowledged = newest?.acknowledged ?? 0;
  const telling = records.filter((record) => record.backlog !== undefined).at(-1);
  if (telling && newest && telling.sequence >= newest.firstSequence) {
    acknowledged = Math.max(acknowledged, telling.sequence - 1 - (telling.backlog as number));
  }
  const scope = newest ? scopeOf(judged.verified, records.length, head) : scopeOfNone(strays.length);
  return { logId: newest?.logId, records, acknowledged, tornSlots, ...judged, problems: [...problems, ...judged.problems], scope };
}

function scopeOfNone(strays: number): string {
  if (strays === 0) return "There is no log: no page is in use.";
  return `There is no log: no page has a valid header, though records stand in the pages. The power went while a page was erased, or somebody destroyed it.`;
}

function imageOver(bytes: Uint8Array, { pageBytes, pageCount }: LedgerGeometry): Buffer {
  const lengthBytes = pageBytes * pageCount;
  if (bytes.length < lengthBytes) throw new RangeError(`the image has ${bytes.length} bytes, not ${pageCount} pages of ${pageBytes}`);
  // Behind the ledger are the slots of the configuration.
  return bufferOver(bytes.subarray(0, lengthBytes));
}

function pageOf(image: Buffer, { pageBytes }: LedgerGeometry, index: number): Buffer {
  return image.subarray(index * pageBytes, (index + 1) * pageBytes);
}

function scanPage(page: Buffer, index: number): PageScan {
  const items: { item: ChainItem; bytes: Buffer; slot: number }[] = [];
  let tornSlots = 0;
  let remains: Buffer[] = [];
  const freeSlot = Math.max(1, Math.floor(lastUsedByte(page) / SLOT_BYTES) + 1);
  let slot = 1;
  while (slot < freeSlot) {
    const slots = page[slot * SLOT_BYTES] as number;
    const record = page.subarray(slot * SLOT_BYTES, (slot + Math.max(slots, 1)) * SLOT_BYTES);
    const inSlot = record.subarray(0, SLOT_BYTES);
    const isCommittedRecord = slots >= 1 && slots <= MOST_SLOTS && record.length === slots * SLOT_BYTES && isCommitted(record);
    const isDamaged = !isCommittedRecord || !isWhole(record);
    if (isCommittedRecord && !(isDamaged && (isTornInCommit(record) || hasRecordInside(record)))) {
      const item = itemOf(record, `page ${index}, slot ${slot}`, isDamaged ? "its CRC is wrong" : undefined);
      items.push({ item: { ...item, page: index, remains }, bytes: record, slot });
      remains = [];
    } else if (!inSlot.equals(BLANK)) {
      tornSlots++;
      remains = [...remains, macIn(inSlot)];
    }
    slot += isDamaged ? 1 : slots;
  }
  return { items, tornSlots, freeSlot };
}

/** Pages in use, oldest first. */
function readPages(image: Buffer, geometry: LedgerGeometry, problems: LedgerProblem[]): Page[] {
  const say = (index: number, words: string): void => {
    problems.push({ kind: "page", sequence: undefined, last: undefined, words: `Page ${index}: ${words}.` });
  };
  const pages: Page[] = [];
  for (let index = 0; index < geometry.pageCount; index++) {
    const header = pageOf(image, geometry, index).subarray(0, SLOT_BYTES);
    // Any other header: the page is blank, was being erased, or has failed.
    if (header.toString("latin1", 0, 4) !== "CTL1" || !isCommitted(header) || !isWhole(header)) continue;
    const slotBytes = header.readUInt32LE(4);
    if (slotBytes !== SLOT_BYTES) {
      say(index, `its slots have ${slotBytes} bytes, and this reader knows ${SLOT_BYTES}`);
      continue;
    }
    pages.push({
      index,
      order: header.readUInt32LE(8),
      firstSequence: header.readUInt32LE(12),
      acknowledged: header.readUInt32LE(16),
      logId: header.readUInt32LE(20),
      mac: header.subarray(24, 24 + MAC_BYTES),
    });
  }
  pages.sort((a, b) => a.order - b.order);
  const newest = pages[pages.length - 1];
  return pages.filter(({ index, order, logId }) => {
    // A page that failed and kept its header: the ring has gone round without it, so its records were overwritten.
    if (newest && order <= newest.order - geometry.pageCount) return false;
    if (logId === newest?.logId) return true;
    say(index, `it belongs to log ${logId}, and the newest page to log ${newest?.logId}`);
    return false;
  });
}

/** Place of the last byte that is not erased, or -1. It is searched by halves, because a page is mostly blank. */
function lastUsedByte(page: Buffer): number {
  const blank = Buffer.alloc(page.length, 255);
  let end = page.length;
  for (let step = end >> 1; step >= 1; step >>= 1) {
    while (end >= step && page.subarray(end - step, end).equals(blank.subarray(0, step))) end -= step;
  }
  return end - 1;
}
