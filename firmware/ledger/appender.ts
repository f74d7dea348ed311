// Appends records behind all others: whole ones, and those of which only the beginning is known.

import type { Hal } from "../../hal/hal.js";
import type { Chain } from "./chain.js";
import type { Frame } from "./frame.js";
import { BEGUN, FRAME_BYTES, HEAD_END, MAX_BACKLOG, MAX_HEAD_BYTES, MAX_TEXT_BYTES, PENDING, SLOT_BYTES } from "./layout.js";
import type { AppendStatus } from "./ledger.js";
import type { Log } from "./log.js";
import type { Pages } from "./pages.js";
import type { RecordType } from "./records.js";

/** Attempts to write one record in one page, before the page is given up. */
const TRIES = 2;

export interface Appender {
  /** As in `Ledger`. */
  append(type: RecordType, uptimeMs: number, wallSeconds: number, text: string): AppendStatus;
  /** As in `Ledger`. */
  begin(type: RecordType, uptimeMs: number, wallSeconds: number, head: string): AppendStatus;
  /** Commits the record in the frame. @param start the bytes before it are in flash already */
  commitRecord(slots: number, start: number): AppendStatus;
  /** Completes the begun record in the frame with the rest of its text. */
  complete(tail: string): AppendStatus;
  /** Bits 8 to 23 of the CRC-32 of the head in the frame, in which the place of the check counts as 0. */
  checkOfHead(): number;
  /** Where a slot of the newest page is in the ring, in bytes. */
  offsetOf(slot: number): number;
}

export function createAppender(parts: Pick<Hal, "flash" | "crc32" | "toBytes">, chain: Chain, log: Log, frame: Frame, pages: Pages): Appender {
  const flash = parts.flash;
  const slotsInPage = flash.pageBytes / SLOT_BYTES;
  let begunType = 0;

  function offsetOf(slot: number): number {
    return log.page * flash.pageBytes + slot * SLOT_BYTES;
  }

  function commitRecord(slots: number, start: number): AppendStatus {
    const lengthBytes = slots * SLOT_BYTES;
    const code = chain.code(log.newestCode, lengthBytes - 12);
    frame.view.setUint32(lengthBytes - 12, code, true);
    const offset = offsetOf(log.slot);
    // The slots count as used even where the write fails: it may have left anything there.
    log.slot += slots;
    if (!frame.commit(offset, lengthBytes, start)) return "failed";
    log.newestCode = code;
    log.nextSequence++;
    return "ok";
  }

  /** Puts the header and the text of the next record into the frame. */
  function compose(slots: number, type: number, uptimeMs: number, wallSeconds: number, text: string): void {
    const view = frame.view;
    frame.bytes.fill(32);
    frame.bytes[0] = slots;
    frame.bytes[1] = type;
    view.setUint16(2, Math.min(log.nextSequence - 1 - log.acknowledged, MAX_BACKLOG), true);
    view.setUint32(4, log.nextSequence, true);
    view.setUint32(8, Math.round(uptimeMs / 10) % 4294967296, true);
    view.setUint32(12, wallSeconds, true);
    frame.bytes.set(parts.toBytes(text), 16);
  }

  function checkOfHead(): number {
    frame.view.setUint16(2, 0, true);
    // Of these bits each bit of the head changes others. The lower half of a CRC-32 takes some for others.
    return (parts.crc32(frame.part(0, HEAD_END)) >>> 8) & 0xffff;
  }

  function complete(tail: string): AppendStatus {
    log.begunHead = "";
    frame.bytes.set(parts.toBytes(tail), HEAD_END);
    return commitRecord(1, HEAD_END);
  }

  /** Makes room and writes; writes once more where flash does not take it, and in the next page where the page takes nothing. */
  function persist(slots: number, write: () => AppendStatus): AppendStatus {
    for (let tries = 1; ; tries++) {
      const room = pages.makeRoom(slots);
      if (room !== "ok") return room;
      if (write() === "ok") return "ok";
      if (tries > TRIES * flash.pageCount) return "failed";
      if (tries % TRIES === 0) {
        pages.retire(log.page);
        log.slot = slotsInPage;
      }
    }
  }

  return {
    append(type, uptimeMs, wallSeconds, text) {
      if (text.length > MAX_TEXT_BYTES) throw new Error("text longer than " + MAX_TEXT_BYTES);
      const head = log.begunHead;
      if (head) {
        const tail = text.substr(head.length);
        const isItsEnd = type === begunType && text.substr(0, head.length) === head && tail.length <= SLOT_BYTES - 12 - HEAD_END;
        // Where flash does not take the end of the begun record, the whole text goes into a record of its own.
        if (complete(isItsEnd ? tail : PENDING) === "ok" && isItsEnd) return "ok";
      }
      const slots = Math.ceil((text.length + FRAME_BYTES) / SLOT_BYTES);
      return persist(slots, () => {
        compose(slots, type, uptimeMs, wallSeconds, text);
        return commitRecord(slots, 0);
      });
    },

    begin(type, uptimeMs, wallSeconds, head) {
      if (log.begunHead) complete(PENDING);
      if (head.length > MAX_HEAD_BYTES) return "ok";
      const status = persist(1, () => {
        compose(1, type + BEGUN, uptimeMs, wallSeconds, head);
        frame.view.setUint16(2, checkOfHead(), true);
        const isWritten = flash.write(offsetOf(log.slot), frame.part(0, HEAD_END));
        if (isWritten !== "ok") log.slot = frame.spoil(offsetOf(log.slot)) ? log.slot + 1 : slotsInPage;
        return isWritten;
      });
      if (status !== "ok") return status;
      log.begunHead = head;
      begunType = type;
      return "ok";
    },

    commitRecord,
    complete,
    checkOfHead,
    offsetOf,
  };
}
