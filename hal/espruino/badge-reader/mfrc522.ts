// An MFRC522 on SPI: reads the UID, 4 or 7 bytes, of cards by ISO/IEC 14443 type A. Registers and commands by NXP's datasheet MFRC522 rev 3.9, section 9;
// anticollision and selection by ISO/IEC 14443-3, 6.5. The chip makes no CRC_A at 106 kBd (9.3.2.3), so it is made here.

import type { BadgeReader } from "../../badge.js";
import type { EspruinoClock } from "../clock.js";
import { part, startOnce } from "../part.js";

/** How often the chip looks for a card. With the reading, 75 transfers, and a full view on the display, that keeps badge to name below 300 ms. */
export const POLL_MS = 100;
/** How soon a chip that does not answer is tried again. */
export const RETRY_MS = 2000;

const COMMAND = 0x01;
const COM_IRQ = 0x04;
const ERROR = 0x06;
const FIFO_DATA = 0x09;
const FIFO_LEVEL = 0x0a;
const BIT_FRAMING = 0x0d;
const MODE = 0x11;
const TX_CONTROL = 0x14;
const TX_ASK = 0x15;
const T_MODE = 0x2a;
const T_PRESCALER = 0x2b;
const T_RELOAD_HIGH = 0x2c;
const T_RELOAD_LOW = 0x2d;

const IDLE = 0x00;
const TRANSCEIVE = 0x0c;
const SOFT_RESET = 0x0f;

/** A card answers within 0.1 ms; after 3 ms, in ticks of 25 us, there is none. */
const TIMEOUT_TICKS = 120;
/** Reads of a register that take longer than that on the fastest board. */
const MOST_READS = 60;

/** Wakes cards that were halted, too: a card that stays in the field is halted after each reading. */
const WUPA = 0x52;
/** Behind the UID's first byte of this value come three bytes of it, and the rest one cascade level further on. */
const CASCADE_TAG = 0x88;

interface Mfrc522Wiring {
  readonly bus: string;
  readonly sck: string;
  readonly mosi: string;
  readonly miso: string;
  readonly cs: string;
  readonly bitrateHz: number;
}

/** CRC_A of ISO/IEC 14443-3, annex B: CRC-16 with preset 0x6363; the low byte is sent first. */
function crcA(bytes: ArrayLike<number>, length: number): number {
  let crc = 0x6363;
  for (let i = 0; i < length; i++) {
    let byte = (bytes[i] as number) ^ (crc & 255);
    byte = (byte ^ (byte << 4)) & 255;
    crc = (crc >> 8) ^ (byte << 8) ^ (byte << 3) ^ (byte >> 4);
  }
  return crc & 0xffff;
}

export function createBadgeReader(clock: EspruinoClock, wiring: Mfrc522Wiring): BadgeReader {
  const spi = part<EspruinoSpi>(wiring.bus);
  const cs = part<Pin>(wiring.cs);
  let isStarted = false;
  let isReady = false;
  let isAnswering = true;
  let isCollision = false;

  function write(register: number, value: number): void {
    spi.send([register << 1, value], cs);
  }

  function read(register: number): number {
    return spi.send([0x80 | (register << 1), 0], cs)[1] as number;
  }

  /** @returns whether the chip keeps what it is told */
  function initialize(): boolean {
    spi.setup({ sck: part(wiring.sck), mosi: part(wiring.mosi), miso: part(wiring.miso), baud: wiring.bitrateHz });
    digitalWrite(cs, 1);
    write(COMMAND, SOFT_RESET);
    // The bit PowerDown stays until the oscillator runs.
    for (let i = 0; read(COMMAND) & 0x10 && i < MOST_READS; i++);
    write(T_MODE, 0x80); // the timer starts with the end of each transmission
    write(T_PRESCALER, 169); // 13.56 MHz / 339: a tick is 25 us
    write(T_RELOAD_HIGH, 0);
    write(T_RELOAD_LOW, TIMEOUT_TICKS);
    write(TX_ASK, 0x40); // 100 % ASK
    write(MODE, 0x3d); // CRC preset 0x6363
    write(TX_CONTROL, 0x83); // the antenna is on
    return isConfigured();
  }

  /** Not so after the chip lost its supply, nor when nothing answers: then all bits are alike. */
  function isConfigured(): boolean {
    return read(T_RELOAD_LOW) === TIMEOUT_TICKS;
  }

  /** Sends a frame to the cards. @param lastBits how many bits of the last byte are sent, 0: all @returns the answer, or undefined when there is none that is right */
  function transceive(bytes: readonly number[], lastBits: number): ArrayLike<number> | undefined {
    write(COMMAND, IDLE);
    write(COM_IRQ, 0x7f);
    write(FIFO_LEVEL, 0x80);
    spi.send([FIFO_DATA << 1].concat(bytes), cs);
    write(COMMAND, TRANSCEIVE);
    write(BIT_FRAMING, 0x80 | lastBits);
    let irq = 0;
    for (let i = 0; !(irq & 0x21) && i < MOST_READS; i++) irq = read(COM_IRQ);
    write(BIT_FRAMING, 0);
    // Received, and not only the time is over.
    if (!(irq & 0x20)) return undefined;
    const error = read(ERROR);
    if (error & 0x08) isCollision = true;
    // Overflow, collision, parity, protocol.
    if (error & 0x1b) return undefined;
    const length = read(FIFO_LEVEL);
    const reading = [];
    for (let i = 0; i < length; i++) reading.push(0x80 | (FIFO_DATA << 1));
    reading.push(0);
    const data = spi.send(reading, cs);
    const answer = [];
    for (let i = 1; i <= length; i++) answer.push(data[i] as number);
    return answer;
  }

  function withCrc(bytes: number[]): number[] {
    const crc = crcA(bytes, bytes.length);
    return bytes.concat(crc & 255, crc >> 8);
  }

  /** The UID of the card in the field in hexadecimal digits, or "". */
  function readUid(): string {
    let uid = "";
    // One that was called and not finished with does not hear the first time.
    if (!transceive([WUPA], 7) && !transceive([WUPA], 7)) return "";
    for (let select = 0x93; select < 0x97; select += 2) {
      const part = transceive([select, 0x20], 0);
      // Four bytes and their XOR.
      if (!part || part.length !== 5) return "";
      const four = [part[0] as number, part[1] as number, part[2] as number, part[3] as number];
      if ((four[0] as number) ^ (four[1] as number) ^ (four[2] as number) ^ (four[3] as number) ^ (part[4] as number)) return "";
      const sak = transceive(withCrc([select, 0x70].concat(four, part[4] as number)), 0);
      if (!sak || sak.length !== 3 || crcA(sak, 1) !== ((sak[1] as number) | ((sak[2] as number) << 8))) return "";
      // SAK's bit 3 says that the UID goes on one level further.
      const isComplete = !((sak[0] as number) & 4);
      if (isComplete === (four[0] === CASCADE_TAG)) return "";
      for (let i = isComplete ? 0 : 1; i < 4; i++) uid += ((four[i] as number) + 256).toString(16).substr(1);
      if (isComplete) {
        // The card is quiet until it is woken again.
        transceive(withCrc([0x50, 0]), 0);
        return uid.toUpperCase();
      }
    }
    return "";
  }

  return {
    start(listener) {
      isStarted = startOnce(isStarted);

      function poll(): void {
        const wasCollision = isCollision;
        isCollision = false;
        isReady = (isReady && isConfigured()) || initialize();
        const uid = isReady ? readUid() : "";
        setTimeout(poll, isReady ? POLL_MS : RETRY_MS);
        const atMs = clock.nowMs();
        if (isReady !== isAnswering) {
          isAnswering = isReady;
          listener.onFault(isReady ? "answers" : "silent", atMs);
        }
        if (uid) listener.onBadge("UID:" + uid, atMs);
        else if (isCollision && !wasCollision) listener.onFault("collision", atMs);
      }
      setTimeout(poll, 0);
    },
  };
}
