// Reads a whole image of the ledger's flash region: its pages, their slots, and the records in them.

import { namesOf } from "./chain/case.js";
import { judgeChain } from "./chain/judge.js";
import type { ChainItem, ChainPage, LedgerProblem } from "./chain/question.js";
import { erasedEarly, type FoundPage } from "./erased-pages.js";
import {
  bitsIn,
  bufferOver,
  hasRecordInside,
  isCommitted,
  isTornInCommit,
  isWhole,
  MAC_BYTES,
  MOST_SLOTS,
  macIn,
  mended,
  SLOT_BYTES,
} from "./record-reader.js";
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
  /** What flash has done by itself, as sentences: bits that have changed and could be put right, and pages that cannot be read. No record was lost by it. */
  readonly flaws: readonly string[];
}

const BLANK = Buffer.alloc(SLOT_BYTES, 255);

/** The part of a header that is not under its CRC. It counts as erased there, and begins with the seal. */
const SEAL_AT = 32;
const SEAL_END = 40;

interface Page extends ChainPage {
  readonly acknowledged: number;
  readonly logId: number;
  /** Number of the page in the ring, as its header says; undefined where it does not. */
  readonly own: number | undefined;
  /** Whether it says that the next page is in use. */
  readonly isSealed: boolean;
}

/** What a reading finds beside records. */
interface Findings {
  readonly problems: LedgerProblem[];
  readonly flaws: string[];
}

/** The content of a page's slots. */
interface PageScan {
  /** Committed records, whole or damaged. */
  readonly items: readonly { readonly item: ChainItem; readonly bytes: Buffer; readonly slot: number; readonly isMended: boolean }[];
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
  const pages = readPages(image, geometry, { problems: [], flaws: [] });
  const records: RecordPlace[] = [];
  let room: RecordPlace | undefined;
  for (const [i, { items, freeSlot }] of scanPages(image, geometry, pages).entries()) {
    const { index, firstSequence } = pages[i] as Page;
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
  const findings: Findings = { problems: [], flaws: [] };
  const { problems, flaws } = findings;
  const records: LedgerRecord[] = [];
  const items: ChainItem[] = [];
  let tornSlots = 0;

  const pages = readPages(image, geometry, findings);
  for (const scan of scanPages(image, geometry, pages)) {
    tornSlots += scan.tornSlots;
    for (const { item, bytes: record, isMended } of scan.items) {
      if (isMended) flaws.push(`Record ${item.sequence} at ${item.where}: one bit has changed. It is read as it was written.`);
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
  problems.push(...earlyErasures(image, geometry, pages, records, acknowledged));
  const scope = newest ? scopeOf(judged.verified, records.length, head) : scopeOfNone(strays.length);
  return { logId: newest?.logId, records, acknowledged, tornSlots, flaws, ...judged, problems: [...problems, ...judged.problems], scope };
}

/** Records that are missing at the beginning because their pages were erased before their turn came. */
function earlyErasures(
  image: Buffer,
  geometry: LedgerGeometry,
  pages: readonly Page[],
  records: readonly LedgerRecord[],
  acknowledged: number,
): LedgerProblem[] {
  // A page that takes no writes looks erased.
  const failed = records.flatMap((record) => (record.type === "faultBegan" && record.fault === "flash" ? record.detail.split(", ") : []));
  const ring = Array.from({ length: geometry.pageCount }, (_, index): FoundPage => {
    const page = pageOf(image, geometry, index);
    const isFailed = failed.includes(`page ${index} failed`) || bitsIn(page.readUInt32LE(0)) <= 1;
    const rest = isFailed ? "failed" : isErased(page) ? "erased" : "other";
    return { order: pages.find((each) => each.index === index)?.order, rest };
  });
  const { pages: erased, isBeginning } = erasedEarly(ring);
  const last = (pages[0]?.firstSequence ?? 1) - 1;
  if (erased.length === 0) return [];
  const [which, were] = erased.length === 1 ? [`page ${erased[0]}`, "was"] : [`pages ${erased.join(", ")}`, "were"];
  const host =
    acknowledged >= last ? "The host has them." : acknowledged > 0 ? `The host has those up to ${acknowledged}.` : "The host has none of them.";
  const why = `Somebody erased ${erased.length === 1 ? "it" : "them"}, or the flash has forgotten.`;
  const missing = isBeginning ? `${namesOf(1, last)} ${last === 1 ? "is" : "are"}` : `Records before ${last + 1} are`;
  const words = `${missing} missing at the beginning: ${which} ${were} erased before the ring came round.`;
  return [{ kind: "removed", sequence: isBeginning ? 1 : undefined, last, words: `${words} ${host} ${why}` }];
}

/** Whether a page is erased; one bit of it may have changed. */
function isErased(page: Buffer): boolean {
  let zeros = 0;
  for (const byte of page) {
    if (byte !== 255) zeros += bitsIn(~byte & 255);
    if (zeros > 1) return false;
  }
  return true;
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

/** A record in which one bit has changed, as it was; undefined where there is none. The bit may be one of its length. */
function mendedRecord(page: Buffer, slot: number): Buffer | undefined {
  const first = page[slot * SLOT_BYTES] as number;
  for (let slots = 1; slots <= MOST_SLOTS && (slot + slots) * SLOT_BYTES <= page.length; slots++) {
    if (bitsIn(first ^ slots) > 1) continue;
    const record = Buffer.from(page.subarray(slot * SLOT_BYTES, (slot + slots) * SLOT_BYTES));
    record[0] = slots;
    if (first !== slots && isCommitted(record) && isWhole(record)) return record;
    const whole = first === slots ? mended(record) : undefined;
    if (whole?.[0] === slots) return whole;
  }
  return undefined;
}

/** The slots of pages in use. What a failed write has left is no record with a changed bit where the record stands somewhere else. */
function scanPages(image: Buffer, geometry: LedgerGeometry, pages: readonly Page[]): PageScan[] {
  const scans = pages.map(({ index }) => scanPage(pageOf(image, geometry, index), index));
  const whole = new Set(scans.flatMap(({ items }) => items.filter(isWholeItem).map(({ item }) => item.sequence)));
  return scans.map((scan) => {
    const items = scan.items.filter(({ item, isMended }) => !isMended || !whole.has(item.sequence));
    return { ...scan, items, tornSlots: scan.tornSlots + scan.items.length - items.length };
  });
}

function isWholeItem({ item, isMended }: PageScan["items"][number]): boolean {
  return !isMended && item.damage === undefined;
}

function scanPage(page: Buffer, index: number): PageScan {
  const items: PageScan["items"][number][] = [];
  let tornSlots = 0;
  let remains: Buffer[] = [];
  const freeSlot = Math.max(1, Math.floor(lastUsedByte(page) / SLOT_BYTES) + 1);
  let slot = 1;
  while (slot < freeSlot) {
    const first = page[slot * SLOT_BYTES] as number;
    const asFound = page.subarray(slot * SLOT_BYTES, (slot + Math.max(first, 1)) * SLOT_BYTES);
    const inSlot = asFound.subarray(0, SLOT_BYTES);
    const isFound = first >= 1 && first <= MOST_SLOTS && asFound.length === first * SLOT_BYTES && isCommitted(asFound) && isWhole(asFound);
    const whole = isFound ? undefined : mendedRecord(page, slot);
    const record = whole ?? asFound;
    const slots = record[0] as number;
    const isCommittedRecord = slots >= 1 && slots <= MOST_SLOTS && record.length === slots * SLOT_BYTES && isCommitted(record);
    const isDamaged = !isCommittedRecord || !isWhole(record);
    if (isCommittedRecord && !(isDamaged && (isTornInCommit(record) || hasRecordInside(record)))) {
      const item = itemOf(record, `page ${index}, slot ${slot}`, isDamaged ? "its CRC is wrong" : undefined);
      items.push({ item: { ...item, page: index, remains }, bytes: record, slot, isMended: whole !== undefined });
      remains = [];
    } else if (!inSlot.equals(BLANK)) {
      tornSlots++;
      remains = [...remains, macIn(inSlot)];
    }
    slot += isDamaged ? 1 : slots;
  }
  return { items, tornSlots, freeSlot };
}

/** A header as it was written, without its seal; undefined where there is none. */
function headerIn(page: Buffer): { header: Buffer; isMended: boolean } | undefined {
  const header = Buffer.from(page.subarray(0, SLOT_BYTES)).fill(255, SEAL_AT, SEAL_END);
  const isAsWritten = isCommitted(header) && isWhole(header);
  const whole = isAsWritten ? header : bitsIn(header.readUInt32LE(0) ^ 0x314c5443) > 1 ? undefined : mended(header);
  return whole?.toString("latin1", 0, 4) === "CTL1" ? { header: whole, isMended: !isAsWritten } : undefined;
}

/** Pages in use, oldest first. */
function readPages(image: Buffer, geometry: LedgerGeometry, { problems, flaws }: Findings): Page[] {
  const say = (index: number, words: string): void => {
    problems.push({ kind: "page", sequence: undefined, last: undefined, words: `Page ${index}: ${words}.` });
  };
  const pages: Page[] = [];
  for (let index = 0; index < geometry.pageCount; index++) {
    const page = pageOf(image, geometry, index);
    const found = headerIn(page);
    if (!found) {
      const word = page.readUInt32LE(0);
      const isUnknown = bitsIn(word) > 1 && bitsIn(~word) > 1 && bitsIn(~page.readUInt32LE(60)) > 1;
      if (isUnknown) flaws.push(`Page ${index}: its header cannot be read. The power went while it was erased or begun, or its flash has failed.`);
      continue;
    }
    const { header, isMended } = found;
    if (isMended) flaws.push(`The header of page ${index}: one bit has changed. It is read as it was written.`);
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
      own: header.readUInt32LE(28) < geometry.pageCount ? header.readUInt32LE(28) : undefined,
      isSealed: bitsIn(~page.readUInt32LE(SEAL_AT)) > 1,
    });
  }
  pages.sort((a, b) => a.order - b.order);
  const newest = pages[pages.length - 1];
  if (newest?.isSealed) {
    const lost = (newest.index + 1) % geometry.pageCount;
    say(lost, `it was in use behind page ${newest.index}, and its header is lost, so newer records than these are lost or cannot be placed`);
  }
  return pages.filter(({ index, order, logId, own }) => {
    if (own !== undefined && own !== index) {
      say(index, `it holds what was written to page ${own}`);
      if (pages.some((other) => other.order === order && other.index !== index)) return false;
    }
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
