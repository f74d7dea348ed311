// A card of ISO/IEC 14443-3 type A. It answers a request, sends its UID one cascade level at a time, and is silent once it was halted.

/** CRC_A by annex B of ISO/IEC 14443-3, bit by bit. */
export function crcA(bytes: readonly number[]): [low: number, high: number] {
  let crc = 0x6363;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((crc ^ (byte >> bit)) & 1) === 1;
      crc >>= 1;
      if (isOdd) crc ^= 0x8408;
    }
  }
  return [crc & 255, crc >> 8];
}

const CASCADE_TAG = 0x88;

export class Card {
  private state: "idle" | "ready" | "active" | "halt" = "idle";
  private level = 0;
  /** The bytes of each cascade level, without their XOR. */
  private readonly levels: number[][];

  /** @param uid 4, 7 or 10 bytes */
  constructor(readonly uid: readonly number[]) {
    this.levels = [];
    for (let rest = [...uid]; rest.length > 0; rest = rest.slice(3)) {
      if (rest.length === 4) {
        this.levels.push(rest);
        break;
      }
      this.levels.push([CASCADE_TAG, ...rest.slice(0, 3)]);
    }
  }

  /** Receives a frame. @param lastBits number of bits of the last byte, 0: all @returns the answer, if there is one */
  hear(frame: readonly number[], lastBits: number): number[] | undefined {
    const [first = 0, second = 0] = frame;
    const isShort = frame.length === 1 && lastBits === 7;
    if (isShort && ((first === 0x26 && this.state === "idle") || (first === 0x52 && (this.state === "idle" || this.state === "halt")))) {
      this.state = "ready";
      this.level = 0;
      // Bits 8 and 7 of ATQA are the size of the UID: single, double, triple (ISO/IEC 14443-3, 6.5.2).
      return [0x04 | ((this.levels.length - 1) << 6), 0x00];
    }
    const part = this.levels[this.level];
    if (this.state === "ready" && part && lastBits === 0 && first === 0x93 + 2 * this.level) {
      const own = [...part, part.reduce((xor, byte) => xor ^ byte, 0)];
      if (second === 0x20 && frame.length === 2) return own;
      if (second === 0x70 && isWhole(frame) && own.every((byte, i) => byte === frame[i + 2])) {
        const isLast = this.level === this.levels.length - 1;
        this.level++;
        if (isLast) this.state = "active";
        return withCrc([isLast ? 0x08 : 0x04]);
      }
    }
    const isHalt = this.state === "active" && first === 0x50 && second === 0 && frame.length === 4 && isWhole(frame);
    // A frame that it does not understand puts it back into the state before the request.
    if (isHalt) this.state = "halt";
    else if (this.state !== "halt") this.state = "idle";
    return undefined;
  }
}

function withCrc(bytes: readonly number[]): number[] {
  return [...bytes, ...crcA(bytes)];
}

/** Whether a frame ends with its CRC. */
function isWhole(frame: readonly number[]): boolean {
  const [low, high] = crcA(frame.slice(0, -2));
  return low === frame[frame.length - 2] && high === frame[frame.length - 1];
}
