// A NOR flash chip with its physics: bits only clear, pages erase, writes are aligned, pages wear. It can lose power inside any operation.

import type { Flash } from "../../hal/flash.js";
import { applyCut, type Cut, type FlashOperation } from "./cut-models.js";

/** Thrown by a flash operation when the power goes during it. The firmware never sees the operation return. */
export class PowerCut extends Error {
  constructor() {
    super("the power went");
  }
}

export interface FlashGeometry {
  readonly pageBytes: number;
  readonly pageCount: number;
  /** Number of pages for two slots, behind those of the ledger, as in `Flash`. Default 0. */
  readonly slotPages?: number;
  readonly alignBytes: number;
}

/** The moment of a power cut, and the part of the operation that is still done. */
export type CutPlan = {
  /** Number of writes and erases that still succeed. */
  readonly operations: number;
} & (
  | {
      /** Number of bytes that are written, or erased. */
      readonly bytes: number;
    }
  | {
      /** Chooses the part of the operation that is done. @param bytes content of the chip before it */
      readonly choose: (operation: FlashOperation, bytes: Uint8Array) => Cut;
    }
);

const NO_BYTES = new Uint8Array();

export class NorFlash {
  readonly bytes: Uint8Array;
  /** Number of erases of each page. */
  readonly wear: number[];
  private plan: CutPlan | undefined;
  private isOff = false;

  /** @param onOperation is called for each write and erase; its `data` is valid during the call only */
  constructor(
    readonly geometry: FlashGeometry,
    private readonly onOperation: (kind: "write" | "erase", offset: number, data: Uint8Array) => void,
  ) {
    const pages = geometry.pageCount + (geometry.slotPages ?? 0);
    this.bytes = new Uint8Array(geometry.pageBytes * pages).fill(255);
    this.wear = new Array<number>(pages).fill(0);
  }

  /** Plans a power cut. Undefined cancels it, and gives the power back. */
  cutAt(plan: CutPlan | undefined): void {
    this.plan = plan;
    this.isOff = false;
  }

  /** Whether the power went during an operation. A firmware that catches errors may not have noticed. */
  get hasLostPower(): boolean {
    return this.isOff;
  }

  read(offset: number, lengthBytes: number): Uint8Array {
    this.check(offset, lengthBytes, 1);
    return this.bytes.slice(offset, offset + lengthBytes);
  }

  /** Whether the chip holds these bytes at an offset. */
  holds(offset: number, data: Uint8Array): boolean {
    this.check(offset, data.length, 1);
    for (let i = 0; i < data.length; i++) if (this.bytes[offset + i] !== data[i]) return false;
    return true;
  }

  /** Whether every bit of a page is set. */
  isErased(page: number): boolean {
    const { pageBytes } = this.geometry;
    this.check(page * pageBytes, pageBytes, 1);
    // It compares four bytes at once: every page has a multiple of four.
    const words = new Int32Array(this.bytes.buffer, page * pageBytes, pageBytes / 4);
    for (let i = 0; i < words.length; i++) if (words[i] !== -1) return false;
    return true;
  }

  write(offset: number, data: Uint8Array): void {
    this.put(offset, data, (before, wanted) => before & wanted);
  }

  /** Writes as FRAM does, which also sets bits. */
  overwrite(offset: number, data: Uint8Array): void {
    this.put(offset, data, (_, wanted) => wanted);
  }

  private put(offset: number, data: Uint8Array, become: (before: number, wanted: number) => number): void {
    this.check(offset, data.length, this.geometry.alignBytes);
    const plan = this.takeDuePlan();
    if (plan && "choose" in plan) {
      this.tear({ kind: "write", offset, data }, plan.choose);
      this.onOperation("write", offset, this.bytes.subarray(offset, offset + data.length));
      throw this.powerCut();
    }
    const done = plan ? Math.min(plan.bytes, data.length) : data.length;
    for (let i = 0; i < done; i++) this.bytes[offset + i] = become(this.bytes[offset + i] as number, data[i] as number);
    if (done) this.onOperation("write", offset, done < data.length ? data.subarray(0, done) : data);
    if (plan) throw this.powerCut();
  }

  erase(page: number): void {
    const { pageBytes } = this.geometry;
    if (!(Number.isInteger(page) && page >= 0 && page < this.wear.length)) throw new RangeError(`no page ${page}`);
    const plan = this.takeDuePlan();
    const offset = page * pageBytes;
    if (plan && "choose" in plan) this.tear({ kind: "erase", page }, plan.choose);
    else this.bytes.fill(255, offset, offset + (plan ? Math.min(plan.bytes, pageBytes) : pageBytes));
    this.wear[page] = (this.wear[page] as number) + 1;
    this.onOperation("erase", offset, NO_BYTES);
    if (plan) throw this.powerCut();
  }

  /** The power goes at once. From here on nothing is written. @returns the error to throw */
  losePower(): PowerCut {
    this.plan = { operations: 0, bytes: 0 };
    return this.powerCut();
  }

  private powerCut(): PowerCut {
    this.isOff = true;
    return new PowerCut();
  }

  private tear(operation: FlashOperation, choose: (operation: FlashOperation, bytes: Uint8Array) => Cut): void {
    applyCut(this.bytes, operation, this.geometry, choose(operation, this.bytes));
  }

  /** The plan, if its moment has come. It stays due, because a chip without power does nothing. */
  private takeDuePlan(): CutPlan | undefined {
    if (!this.plan || this.plan.operations === 0) return this.plan;
    this.plan = { ...this.plan, operations: this.plan.operations - 1 };
    return undefined;
  }

  /** @throws RangeError when a place is outside the region, or not aligned */
  check(offset: number, lengthBytes: number, alignBytes: number): void {
    if (!(Number.isInteger(offset) && offset >= 0 && lengthBytes > 0 && offset + lengthBytes <= this.bytes.length)) {
      throw new RangeError(`flash offset ${offset}, length ${lengthBytes}: outside the region of ${this.bytes.length} bytes`);
    }
    if (offset % alignBytes || lengthBytes % alignBytes)
      throw new RangeError(`flash offset ${offset}, length ${lengthBytes}: not aligned to ${alignBytes}`);
  }
}

/**
 * The firmware's flash over a chip. It reads back every write and erase, as the bindings of a board do.
 * @param programBytes a write does not reach across a multiple of this: NOR flash on SPI writes pages of 256 bytes. Default: any number
 */
export function flashOver(chip: NorFlash, programBytes?: number): Flash {
  return {
    ...chip.geometry,
    slotPages: chip.geometry.slotPages ?? 0,
    read: (offset, lengthBytes) => chip.read(offset, lengthBytes),
    write(offset, data) {
      if (programBytes) writeParts(chip, offset, data, programBytes);
      else chip.write(offset, data);
      return chip.holds(offset, data) ? "ok" : "failed";
    },
    erase(page) {
      chip.erase(page);
      return chip.isErased(page) ? "ok" : "failed";
    },
  };
}

function writeParts(chip: NorFlash, offset: number, data: Uint8Array, programBytes: number): void {
  chip.check(offset, data.length, chip.geometry.alignBytes);
  for (let done = 0; done < data.length; ) {
    const end = Math.min(done + programBytes - ((offset + done) % programBytes), data.length);
    chip.write(offset + done, data.subarray(done, end));
    done = end;
  }
}
