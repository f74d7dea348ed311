// A NOR flash chip with its physics: bits only clear, pages erase, writes are aligned, pages wear. It can lose power inside any operation.

import type { Flash } from "../../hal/flash.js";

/** Thrown out of a flash operation when the power goes: the firmware never sees it return. */
export class PowerCut extends Error {
  constructor() {
    super("the power went");
  }
}

export interface FlashGeometry {
  readonly pageBytes: number;
  readonly pageCount: number;
  readonly alignBytes: number;
}

/** How far the operation gets in which the power goes: so many bytes of a write, or of an erase, are done. */
export interface CutPlan {
  /** Writes and erases that still succeed before. */
  readonly operations: number;
  readonly bytes: number;
}

export class NorFlash {
  readonly bytes: Uint8Array;
  /** Erases of each page so far. */
  readonly wear: number[];
  private plan: CutPlan | undefined;

  constructor(
    readonly geometry: FlashGeometry,
    private readonly onOperation: (kind: "write" | "erase", offset: number, data: Uint8Array) => void,
  ) {
    this.bytes = new Uint8Array(geometry.pageBytes * geometry.pageCount).fill(255);
    this.wear = new Array<number>(geometry.pageCount).fill(0);
  }

  /** Arranges a power cut; undefined calls it off. */
  cutAt(plan: CutPlan | undefined): void {
    this.plan = plan;
  }

  read(offset: number, lengthBytes: number): Uint8Array {
    this.check(offset, lengthBytes, 1);
    return this.bytes.slice(offset, offset + lengthBytes);
  }

  write(offset: number, data: Uint8Array): void {
    this.check(offset, data.length, this.geometry.alignBytes);
    const isCut = this.isCutNow();
    const done = isCut ? Math.min(this.plan?.bytes ?? 0, data.length) : data.length;
    for (let i = 0; i < done; i++) this.bytes[offset + i] = (this.bytes[offset + i] as number) & (data[i] as number);
    if (done) this.onOperation("write", offset, data.slice(0, done));
    if (isCut) throw new PowerCut();
  }

  erase(page: number): void {
    const { pageBytes, pageCount } = this.geometry;
    if (!(Number.isInteger(page) && page >= 0 && page < pageCount)) throw new RangeError(`no page ${page}`);
    const isCut = this.isCutNow();
    const offset = page * pageBytes;
    this.bytes.fill(255, offset, offset + (isCut ? Math.min(this.plan?.bytes ?? 0, pageBytes) : pageBytes));
    this.wear[page] = (this.wear[page] as number) + 1;
    this.onOperation("erase", offset, new Uint8Array());
    if (isCut) throw new PowerCut();
  }

  private isCutNow(): boolean {
    if (!this.plan) return false;
    if (this.plan.operations > 0) {
      this.plan = { ...this.plan, operations: this.plan.operations - 1 };
      return false;
    }
    return true;
  }

  private check(offset: number, lengthBytes: number, alignBytes: number): void {
    if (!(Number.isInteger(offset) && offset >= 0 && lengthBytes > 0 && offset + lengthBytes <= this.bytes.length)) {
      throw new RangeError(`flash offset ${offset}, length ${lengthBytes}: outside the region of ${this.bytes.length} bytes`);
    }
    if (offset % alignBytes || lengthBytes % alignBytes)
      throw new RangeError(`flash offset ${offset}, length ${lengthBytes}: not aligned to ${alignBytes}`);
  }
}

/** The firmware's flash over a chip: every write is read back, as the bindings of a board do. */
export function flashOver(chip: NorFlash): Flash {
  return {
    ...chip.geometry,
    read: (offset, lengthBytes) => chip.read(offset, lengthBytes),
    write(offset, data) {
      chip.write(offset, data);
      return chip.read(offset, data.length).every((byte, i) => byte === data[i]) ? "ok" : "failed";
    },
    erase(page) {
      chip.erase(page);
      return "ok";
    },
  };
}
