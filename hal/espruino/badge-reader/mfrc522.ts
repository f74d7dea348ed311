// An MFRC522 on SPI: reads the UID, 4 or 7 bytes, of cards by ISO/IEC 14443 type A. Registers and commands are by NXP's datasheet MFRC522 rev 3.9, section 9;
// anticollision and selection by ISO/IEC 14443-3, 6.5. The chip makes no CRC_A at 106 kBd (9.3.2.3), so this file does.

import { type BadgeFault, type BadgeReader, isNoise } from "../../badge.js";
import type { EspruinoClock } from "../clock.js";
import { part, startOnce } from "../part.js";

/** Time between two looks for a card. With the 56 transfers of a reading and a full view on the display, a name is shown within 300 ms, on a Pico too. */
export const POLL_MS = 50;
/** Time until a chip that does not answer is tried again. */
export const RETRY_MS = 2000;
/** Looks without a card after which the chip is started again: a minute or a little more. Its other registers are not read back. */
export const MOST_IDLE_LOOKS = 900;

const COMMAND = 0x01;

const SOFT_RESET = 0x0f;

// The transfers of each exchange with a card, ready made: the address of a register (section 8.1.2: shifted by one, bit 7 set for reading) and its value.
/** CommandReg: Idle. */
const STOP = "\x02\x00";
/** ComIrqReg: clears all interrupt flags. */
const FORGET = "\x08\x7f";
/** FIFOLevelReg: empties the FIFO. */
const EMPTY = "\x14\x80";
/** FIFODataReg. The bytes to be sent follow it. */
const FILL = "\x12";
/** CommandReg: Transceive. */
const EXCHANGE = "\x02\x0c";
/** BitFramingReg: StartSend, and the number of bits of the last byte that are sent: 7, or all of them. */
const SEND_SEVEN_BITS = "\x1a\x87";
const SEND_BYTES = "\x1a\x80";
/** Reads ComIrqReg, ErrorReg and FIFOLevelReg. */
const STATUS = "\x88\x8c\x94\x00";
/** Reads FIFODataReg five times, which is enough for every answer. */
const TAKE = "\x92\x92\x92\x92\x92\x00";
const MOST_BYTES = 5;

/**
 * The registers without which no card is read, and their values in the same order. TModeReg: the timer starts with the end of each transmission. TPrescalerReg:
 * 13.56 MHz / (2 x 169 + 1), page 61, so a tick is 25 us. TReloadReg, high and low: a time-out of 1 ms, because a card begins to answer within 0.1 ms (ISO/IEC 14443-3,
 * 6.2.1.1). TxASKReg: 100 % ASK. ModeReg: CRC preset 0x6363. TxControlReg: the antenna is on.
 */
const REGISTERS = "\x2a\x2b\x2c\x2d\x15\x11\x14";
const VALUES = "\x80\xa9\x00\x28\x40\x3d\x83";
/** Reads them all. */
const READ_REGISTERS = "\xd4\xd6\xd8\xda\xaa\xa2\xa8\x00";

/** So many reads of a register take longer than the time-out, on the fastest board too. */
const MOST_READS = 60;

/** Wakes cards, halted ones included: a card that stays in the field is halted after each reading. */
const WUPA = "\x52";
/** Halts a card until it is woken again. With its CRC. */
const HLTA = "\x50\x00\x57\xcd";
/** First byte of a part of a UID that goes on at the next cascade level. Three bytes of the UID follow it. */
const CASCADE_TAG = "\x88";

interface Mfrc522Wiring {
  readonly bus: string;
  readonly sck: string;
  readonly mosi: string;
  readonly miso: string;
  readonly cs: string;
  readonly bitrateHz: number;
}

/** A frame with its CRC_A by ISO/IEC 14443-3, annex B: a CRC-16 with preset 0x6363, low byte first. */
function withCrc(frame: string): string {
  let crc = 0x6363;
  for (let i = 0; i < frame.length; i++) {
    let byte = frame.charCodeAt(i) ^ (crc & 255);
    byte = (byte ^ (byte << 4)) & 255;
    crc = (crc >> 8) ^ (byte << 8) ^ (byte << 3) ^ (byte >> 4);
  }
  return frame + String.fromCharCode(crc & 255, (crc >> 8) & 255);
}

export function createBadgeReader(clock: EspruinoClock, wiring: Mfrc522Wiring): BadgeReader {
  const spi = part<EspruinoSpi>(wiring.bus);
  const cs = part<Pin>(wiring.cs);
  let isStarted = false;
  let isReady = false;
  let isAnswering = true;
  /** The fault of the last look, which is reported once, or "". */
  let trouble: BadgeFault | "" = "";
  /** Whether a card answered and was not halted. Then the next WUPA only sends it back to its idle state. */
  let isOpen = false;
  /** Looks since the chip was started or a card was read. */
  let idleLooks = 0;

  function write(register: number, value: number): void {
    spi.write([register << 1, value], cs);
  }

  function read(register: number): number {
    return spi.send([0x80 | (register << 1), 0], cs)[1] as number;
  }

  /** Starts and configures the chip. @returns whether it keeps its configuration */
  function initialize(): boolean {
    spi.setup({ sck: part(wiring.sck), mosi: part(wiring.mosi), miso: part(wiring.miso), baud: wiring.bitrateHz });
    digitalWrite(cs, 1);
    write(COMMAND, SOFT_RESET);
    // The bit PowerDown stays set until the oscillator runs.
    for (let i = 0; read(COMMAND) & 0x10 && i < MOST_READS; i++);
    for (let i = 0; i < REGISTERS.length; i++) write(REGISTERS.charCodeAt(i), VALUES.charCodeAt(i));
    idleLooks = 0;
    isOpen = false;
    return isConfigured();
  }

  /** Whether the chip is configured. It is not after it lost its supply or a register. When nothing answers, all bits are alike, so the result is false too. */
  function isConfigured(): boolean {
    return spi.send(READ_REGISTERS, cs).substr(1) === VALUES;
  }

  /** One look for a card. @returns its UID in hexadecimal digits, or "" */
  function look(): string {
    try {
      isReady = (isReady && idleLooks < MOST_IDLE_LOOKS && isConfigured()) || initialize();
      return isReady ? readUid() : "";
    } catch (_) {
      // A bus that throws is a chip that does not answer.
      isReady = false;
      return "";
    }
  }

  /** Sends a frame to the cards. @returns the answer, or "" where there is no right one */
  function transceive(frame: string, send = SEND_BYTES): string {
    spi.write(STOP, cs);
    spi.write(FORGET, cs);
    spi.write(EMPTY, cs);
    spi.write(FILL + frame, cs);
    spi.write(EXCHANGE, cs);
    spi.write(send, cs);
    let status = "";
    let irq = 0;
    for (let i = 0; !(irq & 0x21) && i < MOST_READS; i++) {
      status = spi.send(STATUS, cs);
      irq = status.charCodeAt(1);
    }
    // Without RxIRq there was a time-out.
    if (!(irq & 0x20)) return "";
    const error = status.charCodeAt(2);
    const length = status.charCodeAt(3);
    if (error & 0x08) trouble = "collision";
    // The error bits are overflow, collision, parity and protocol.
    return error & 0x1b || length > MOST_BYTES ? "" : spi.send(TAKE.substr(MOST_BYTES - length), cs).substr(1);
  }

  /** The UID of the card in the field, in hexadecimal digits, or "". */
  function readUid(): string {
    let uid = "";
    if (!transceive(WUPA, SEND_SEVEN_BITS) && !(isOpen && transceive(WUPA, SEND_SEVEN_BITS))) {
      isOpen = false;
      return "";
    }
    isOpen = true;
    for (let select = 0x93; select < 0x97; select += 2) {
      const code = String.fromCharCode(select);
      const part = transceive(code + "\x20");
      // The answer is four bytes and their XOR.
      if (part.length !== 5) return "";
      let sum = 0;
      for (let i = 0; i < 5; i++) sum ^= part.charCodeAt(i);
      if (sum) return "";
      const sak = transceive(withCrc(code + "\x70" + part));
      if (sak.length !== 3 || withCrc(sak.charAt(0)) !== sak) return "";
      // Bit 3 of the SAK is set if the UID goes on at the next level.
      const isComplete = !(sak.charCodeAt(0) & 4);
      // The SAK alone tells where a UID ends: one of four bytes may begin with the byte of the tag.
      if (!isComplete && part.charAt(0) !== CASCADE_TAG) return "";
      for (let i = isComplete ? 0 : 1; i < 4; i++) uid += (part.charCodeAt(i) + 256).toString(16).substr(1);
      if (isComplete) return uid.toUpperCase();
    }
    // The UID has 10 bytes, which no roster holds.
    trouble = "length";
    return "";
  }

  /** Halts the card. That happens after the event, so that the name is shown sooner. */
  function halt(): void {
    try {
      transceive(HLTA);
      isOpen = false;
    } catch (_) {
      // The next look finds out.
    }
  }

  return {
    start(listener) {
      isStarted = startOnce(isStarted);

      function poll(): void {
        const before = trouble;
        trouble = "";
        const uid = look();
        idleLooks++;
        setTimeout(poll, isReady ? POLL_MS : RETRY_MS);
        const atMs = clock.nowMs();
        if (isReady !== isAnswering) {
          isAnswering = isReady;
          listener.onFault(isReady ? "answers" : "silent", atMs);
        }
        if (uid) {
          idleLooks = 0;
          if (!isNoise(uid)) listener.onBadge("UID:" + uid, atMs);
          halt();
        } else if (trouble && !before) listener.onFault(trouble, atMs);
      }
      setTimeout(poll, 0);
    },
  };
}
