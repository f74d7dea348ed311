// The ring of pages: which one comes next, which may be erased, and which have failed.

import type { Hal } from "../../hal/hal.js";
import type { Frame } from "./frame.js";
import { PAGE_MAGIC, SEAL_AT, SLOT_BYTES } from "./layout.js";
import type { AppendStatus } from "./ledger.js";
import { type Log, noteFlaw } from "./log.js";

export interface Pages {
  /** Makes room for a record of so many slots, in the next page where the current one is too full. */
  makeRoom(slots: number): AppendStatus;
  /** Marks a page as failed. Nothing goes into it any more. */
  retire(page: number): void;
  /** As in `Ledger`. */
  isFull(): boolean;
  /** As in `Ledger`. */
  oldest(): number;
  /** As in `Ledger`. */
  tidy(isVacant: boolean): void;
}

/** @param onErase is called before a page is erased, with the number behind that of its newest record, or 0 where the page is not in use */
export function createPages(flash: Hal["flash"], log: Log, frame: Frame, onErase: (end: number) => void): Pages {
  const slotsInPage = flash.pageBytes / SLOT_BYTES;
  const isRetired: boolean[] = [];
  /** A page that has been erased since power-up and is not in use yet, or -1. */
  let erasedPage = -1;

  /** The page behind the current one in the ring that has not failed; the current one where there is no other. */
  function nextPage(): number {
    if (flash.pageCount < 2) return 0;
    let next = log.page;
    for (let i = 0; i < flash.pageCount; i++) {
      next = (next + 1) % flash.pageCount;
      if (!isRetired[next]) break;
    }
    return next;
  }

  /** The number behind that of the newest record in a page; 0 for a page that is not in use. */
  function endOf(page: number): number {
    const order = log.pageOrder[page];
    if (!order) return 0;
    const next = flash.pageCount > 1 ? log.pageOrder.indexOf(order + 1) : -1;
    return next < 0 ? log.nextSequence : (log.firstSequence[next] as number);
  }

  /** Whether all records of a page are acknowledged. */
  function isReusable(page: number): boolean {
    return endOf(page) <= log.acknowledged + 1;
  }

  /** @cold Takes a page out of use, then erases it: the rest of a torn erase must not count as a page in use, or numbers would be given twice. */
  function erase(page: number): boolean {
    const order = log.pageOrder[page] as number;
    onErase(endOf(page));
    for (let i = 0; flash.pageCount > 1 && i < flash.pageCount; i++) {
      // Older pages that have failed go out of use first: pages in use have consecutive orders, and a failed one must never become the newest.
      if (!isRetired[i] || !log.pageOrder[i] || (log.pageOrder[i] as number) >= order) continue;
      if (frame.spoil(i * flash.pageBytes)) log.pageOrder[i] = 0;
      else if (page === log.page) return false;
    }
    if (order && !frame.spoil(page * flash.pageBytes)) return false;
    log.pageOrder[page] = 0;
    return flash.erase(page) === "ok";
  }

  function retire(page: number): void {
    isRetired[page] = true;
    noteFlaw(log, "page " + page + " failed");
  }

  /** Opens the next page that works, and retires those that do not. */
  function openNext(): AppendStatus {
    for (let i = 0; i < flash.pageCount; i++) {
      const next = nextPage();
      if (isRetired[next]) break;
      const status = open(next);
      if (status !== "failed") return status;
      retire(next);
    }
    return "failed";
  }

  function open(next: number): AppendStatus {
    if (!isReusable(next)) return "full";
    const view = frame.view;
    const order = log.page < 0 ? 1 : (log.pageOrder[log.page] as number) + 1;
    // The page before gets no more records, even where this one fails: they would stand behind a page that was opened later.
    log.slot = slotsInPage;
    if (erasedPage !== next && !erase(next)) return "failed";
    erasedPage = -1;
    frame.bytes.fill(255);
    view.setUint32(0, PAGE_MAGIC, true);
    view.setUint32(4, SLOT_BYTES, true);
    view.setUint32(8, order, true);
    view.setUint32(12, log.nextSequence, true);
    view.setUint32(16, log.acknowledged, true);
    view.setUint32(20, log.id, true);
    view.setUint32(24, log.newestCode, true);
    if (flash.pageCount > 1) view.setUint32(28, next, true);
    if (!frame.commit(next * flash.pageBytes, SLOT_BYTES, 0)) return "failed";
    // Before this page gets its first record, the page before tells that this one is in use.
    if (flash.pageCount > 1 && log.page >= 0 && log.page !== next) frame.spoil(log.page * flash.pageBytes + SEAL_AT);
    log.pageOrder[next] = order;
    log.firstSequence[next] = log.nextSequence;
    log.page = next;
    log.slot = 1;
    return "ok";
  }

  return {
    makeRoom: (slots) => (log.page < 0 || log.slot + slots > slotsInPage ? openNext() : "ok"),
    retire,
    isFull: () => log.page >= 0 && log.slot >= slotsInPage && !isReusable(nextPage()),
    oldest() {
      let oldest = log.nextSequence;
      for (let i = 0; i < flash.pageCount; i++) if (log.pageOrder[i]) oldest = Math.min(oldest, log.firstSequence[i] as number);
      return oldest;
    },
    tidy(isVacant) {
      if (log.page < 0 || log.begunHead) return;
      const next = nextPage();
      const isOnly = flash.pageCount < 2 || next === log.page;
      if (erasedPage === next || isRetired[next] || !isReusable(next)) return;
      // A ring of one page gives up its only page when that is three quarters full.
      if (isOnly && (!isVacant || log.slot < (slotsInPage * 3) / 4)) return;
      if (isOnly) openNext();
      else if (erase(next)) erasedPage = next;
      else retire(next);
    },
  };
}
