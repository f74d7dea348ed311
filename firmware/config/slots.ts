// Configuration, roster and pictures that the host has sent since the terminal was provisioned. They lie in two slots of raw flash behind the ledger, and a record
// switches between them, so the store is never written. ledger/FORMAT.md describes every byte, and which file is in force after a power cut.

import type { Hal } from "../../hal/hal.js";
import type { Store } from "../../hal/store.js";
import type { Append } from "../app/recorder.js";
import type { Screen } from "../display/screen.js";
import type { Ledger } from "../ledger/ledger.js";
import { RecordType } from "../ledger/records.js";
import { readConfig } from "./config.js";
import { contentOf } from "./sealed.js";

export interface Slots extends Store {
  /** As in `Store`. A replaced file is the new one from the next start on. It is copied into memory for the caller. */
  read(name: string): string | undefined;

  /**
   * Carries out `replace`, `piece` and `commit`: see PROTOCOL.md.
   * @param isIdle whether no session runs. Only then may pages be erased
   * @param restart orders a restart of the board, and returns "ok"
   * @returns "ok", a word for the reason why it is refused, or "" for another command
   */
  update(command: Readonly<Record<string, unknown>>, isIdle: boolean, atMs: number, append: Append, restart: (atMs: number) => string): string;
}

/** The parts of a board that slots use. */
export type SlotsParts = Pick<Hal, "flash" | "store" | "crc32" | "sha256" | "toBytes" | "toBase64" | "fromBase64">;

/** "CTS1", the first word of a slot in use, little-endian. */
const MAGIC = 0x31535443;
const HEADER_BYTES = 32;
/** Place of the CRC in a header. */
const CRC_AT = 28;
/** Files and pieces begin at multiples of this: the largest alignment of any board's flash. */
const UNIT_BYTES = 8;
/** Files are read and copied in parts of this length. A whole file, as bytes, as base64 and as a string, would not fit a small board's memory. */
const PART_BYTES = 256;
/** The files, in their order in a slot. `pictures` are phrases and names that replace those of the store's glyph file, or are added to them. */
const NAMES = ["config", "roster", "pictures"];

/** @param ledger to which nothing was appended since the start @param screen gets the pictures in force */
export function openSlots(parts: SlotsParts, ledger: Pick<Ledger, "logId" | "last">, screen: Pick<Screen, "addPictures">): Slots {
  const flash = parts.flash;
  const pagesInSlot = flash.slotPages / 2;
  const slotBytes = pagesInSlot * flash.pageBytes;
  const firstAt = flash.pageCount * flash.pageBytes;
  /** Offset of the slot in force, or 0 where the store's files are; its generation; the lengths of its files. */
  let slotAt = 0;
  let generation = 0;
  let lengths = [0, 0, 0];
  /** Offset of the slot that is being filled, or 0; the lengths of its files; the index of the new file, its SHA-256, and who ordered it. */
  let newAt = 0;
  let newLengths = lengths;
  let place = 0;
  let sha256: unknown;
  let by = "";
  /** Whether the next start uses other files. */
  let isSwitched = false;

  function startOf(file: number, inLengths: readonly number[]): number {
    let at = HEADER_BYTES;
    for (let i = 0; i < file; i++) at += Math.ceil((inLengths[i] as number) / UNIT_BYTES) * UNIT_BYTES;
    return at;
  }

  /** Reads a file from a slot, as a byte string. */
  function textAt(at: number, file: number, inLengths: readonly number[]): string {
    const from = at + startOf(file, inLengths);
    const length = inLengths[file] as number;
    let text = "";
    for (let i = 0; i < length; i += PART_BYTES) text += parts.fromBase64(parts.toBase64(flash.read(from + i, Math.min(PART_BYTES, length - i))));
    return text;
  }

  /** Writes a string at an aligned address, padded. */
  function put(at: number, text: string): boolean {
    while (text.length % UNIT_BYTES) text += " ";
    return flash.write(at, parts.toBytes(text)) === "ok";
  }

  function read(name: string): string | undefined {
    const file = NAMES.indexOf(name);
    if (!slotAt || file < 0) return parts.store.read(name);
    return textAt(slotAt, file, lengths) || undefined;
  }

  for (let at = firstAt; at <= firstAt + slotBytes; at += slotBytes) {
    const bytes = flash.read(at, HEADER_BYTES);
    const header = new DataView(bytes.buffer);
    const isWhole = header.getUint32(0, true) === MAGIC && parts.crc32(new Uint8Array(bytes.buffer, 0, CRC_AT)) === header.getUint32(CRC_AT, true);
    if (!isWhole) continue;
    // The power went before its record was written. It must not come into force when another record gets that number.
    if (header.getUint32(16, true) === ledger.logId() && header.getUint32(20, true) > ledger.last()) flash.write(at, new Uint8Array(UNIT_BYTES));
    else if (header.getUint32(4, true) > generation) {
      slotAt = at;
      generation = header.getUint32(4, true);
      lengths = [header.getUint32(8, true), header.getUint32(12, true), header.getUint32(24, true)];
    }
  }

  screen.addPictures(contentOf(read("pictures"), parts.crc32));

  return {
    read,

    update(command, isIdle, atMs, append, restart) {
      const what = command["do"];
      if (what === "replace") {
        const lengthBytes = command["bytes"] as number;
        newAt = 0;
        place = NAMES.indexOf(command["what"] as string);
        sha256 = command["sha256"];
        by = command["by"] as string;
        if (place < 0) return "bad what";
        if (typeof by !== "string" || by.length > 16 || !/^[A-Za-z0-9._-]+$/.test(by)) return "bad by";
        if (!(lengthBytes > 0 && lengthBytes === Math.floor(lengthBytes))) return "bad bytes";
        // The other files are copied.
        const kept = NAMES.map((name, i) => (i === place ? "" : read(name) || ""));
        newLengths = kept.map((text, i) => (i === place ? lengthBytes : text.length));
        if (startOf(NAMES.length, newLengths) > slotBytes) return "tooLong";
        if (!isIdle || isSwitched) return "busy";
        const at = slotAt === firstAt ? firstAt + slotBytes : firstAt;
        for (let i = 0; i < pagesInSlot; i++) if (flash.erase(at / flash.pageBytes + i) !== "ok") return "flash";
        for (let i = 0; i < NAMES.length; i++) {
          const text = kept[i] as string;
          const from = at + startOf(i, newLengths);
          for (let j = 0; j < text.length; j += PART_BYTES) if (!put(from + j, text.substr(j, PART_BYTES))) return "flash";
        }
        newAt = at;
        return "ok";
      }
      if (what !== "piece" && what !== "commit") return "";
      if (!newAt) return "notBegun";
      if (what === "piece") {
        const start = command["at"] as number;
        const data = typeof command["data"] === "string" ? parts.fromBase64(command["data"] as string) : "";
        const end = start + data.length;
        const most = newLengths[place] as number;
        const isFine = start >= 0 && start === Math.floor(start) && start % UNIT_BYTES === 0 && (end % UNIT_BYTES === 0 || end === most);
        if (!data || !isFine || end > most) return "bad at";
        return put(newAt + startOf(place, newLengths) + start, data) ? "ok" : "flash";
      }
      const hash = parts.sha256(flash.read(newAt + startOf(place, newLengths), newLengths[place] as number));
      let hex = "";
      for (let i = 0; i < hash.length; i++) hex += ((hash[i] as number) + 256).toString(16).substr(1);
      if (hex !== sha256) return "badContent";
      // A start would read the file in the same way.
      const text = textAt(newAt, place, newLengths);
      const problem = place ? (contentOf(text, parts.crc32) ? "" : NAMES[place] + ": damaged") : readConfig(text, parts.crc32).problem;
      if (problem) return problem;
      if (!isIdle) return "busy";
      const header = new Uint8Array(HEADER_BYTES);
      const view = new DataView(header.buffer);
      view.setUint32(0, MAGIC, true);
      view.setUint32(4, generation + 1, true);
      view.setUint32(8, newLengths[0] as number, true);
      view.setUint32(12, newLengths[1] as number, true);
      view.setUint32(16, ledger.logId(), true);
      view.setUint32(20, ledger.last() + 1, true);
      view.setUint32(24, newLengths[2] as number, true);
      view.setUint32(CRC_AT, parts.crc32(new Uint8Array(header.buffer, 0, CRC_AT)), true);
      const at = newAt;
      newAt = 0;
      if (flash.write(at, header) !== "ok") return "flash";
      if (!append(RecordType.Switched, [NAMES[place] as string, generation + 1, hex, by], atMs)) {
        flash.write(at, new Uint8Array(UNIT_BYTES));
        return "ledger";
      }
      isSwitched = true;
      return restart(atMs);
    },
  };
}
