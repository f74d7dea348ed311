// A clock chip on I2C that counts in BCD: seconds, minutes, hours, then weekday, day, month and year in the chip's own order. Each chip has a file in clock-chip/ with its
// registers. The chip counts UTC.
//
// A register of an alarm that nobody uses tells whether the chip was set to the end: it is cleared first and marked last. The chip keeps it as long as the time.

import type { ClockChip, ClockProblem } from "../clock-chip.js";
import { part } from "./part.js";

/** The wiring of a clock chip, as in the board file. */
export interface ClockWiring {
  readonly bus: string;
  readonly scl: string;
  readonly sda: string;
  readonly address: number;
  readonly bitrateHz: number;
}

/** The registers of a chip. */
export interface ClockRegisters {
  /** The first of the seven of the time. */
  readonly time: number;
  /** The bits of each of them that belong to the time. */
  readonly masks: readonly number[];
  /** Place of the weekday among them, and of the day of the month. */
  readonly weekday: number;
  readonly day: number;
  /** The number of a Sunday. */
  readonly sunday: number;
  /** The register in which the highest bit tells that the oscillator has stood still. */
  readonly flag: number;
  /** The register of an alarm that tells whether the chip was set to the end. */
  readonly mark: number;
  /** The first of the two control registers, and what they are set to. */
  readonly control: number;
  readonly controls: readonly number[];
}

/** All registers that matter, from 0 on. */
const READ_BYTES = 16;

/** The mark of a chip that was set to the end, and of one that is being set. Bit 7 keeps a PCF8563 from an alarm. */
const WHOLE = 0xd9;
const BEING_SET = 0x80;

/** 2000-03-01 in days since 1970: a leap day is the last day of a year that begins there. */
const MARCH_2000 = 11017;
/** 2020 and 2100, in seconds since 1970. */
const EARLIEST = 1577836800;
const END = 4102444800;
const FOUR_YEARS = 1461;

function bcd(value: number): number {
  return (Math.floor(value / 10) << 4) + (value % 10);
}

function decimal(byte: number): number {
  return (byte >> 4) * 10 + (byte & 15);
}

/** Days from the first of March to the first of a month, which is counted from March on. */
function daysBefore(month: number): number {
  return Math.floor((153 * month + 2) / 5);
}

/** What the registers of the time hold at a moment, in the order of the chip. @param unix seconds since 1970 UTC, before 2100 */
function encode(registers: ClockRegisters, unix: number): number[] {
  const days = Math.floor(unix / 86400);
  const inDay = unix % 86400;
  const since = days - MARCH_2000;
  const cycle = Math.floor(since / FOUR_YEARS);
  const inCycle = since % FOUR_YEARS;
  const year = Math.min(3, Math.floor(inCycle / 365));
  const inYear = inCycle - year * 365;
  const month = Math.floor((5 * inYear + 2) / 153);
  const january = month < 10 ? 0 : 1;
  const bytes = [bcd(inDay % 60), bcd(Math.floor(inDay / 60) % 60), bcd(Math.floor(inDay / 3600)), 0, 0];
  bytes.push(bcd(month + 3 - january * 12), bcd(cycle * 4 + year + january));
  bytes[registers.weekday] = ((days + 4) % 7) + registers.sunday;
  bytes[registers.day] = bcd(inYear - daysBefore(month) + 1);
  return bytes;
}

/** The moment that the registers hold. Of a date or time that does not exist it makes another moment, for which `encode` gives other registers. */
function decode(registers: ClockRegisters, bytes: readonly number[]): number {
  const month = decimal(bytes[5] as number);
  const january = month < 3 ? 1 : 0;
  const year = decimal(bytes[6] as number) - january;
  const days = MARCH_2000 + 365 * year + (year >> 2) + daysBefore(month - 3 + january * 12) + decimal(bytes[registers.day] as number) - 1;
  return ((days * 24 + decimal(bytes[2] as number)) * 60 + decimal(bytes[1] as number)) * 60 + decimal(bytes[0] as number);
}

export function createBcdClock(wiring: ClockWiring, registers: ClockRegisters): ClockChip {
  const bus = part<EspruinoI2c>(wiring.bus);

  function open(): void {
    // The bus may be that of the display, or may have been disturbed: it is set up before each use.
    bus.setup({ scl: part(wiring.scl), sda: part(wiring.sda), bitrate: wiring.bitrateHz });
  }

  function send(register: number, data: number | readonly number[]): void {
    bus.writeTo(wiring.address, register, data);
  }

  function read(): number | ClockProblem {
    const bytes: number[] = [];
    let all: Uint8Array;
    try {
      open();
      bus.writeTo(wiring.address, 0);
      // At once: the chip holds the time still meanwhile.
      all = bus.readFrom(wiring.address, READ_BYTES);
    } catch (_) {
      return "silent";
    }
    if ((all[registers.flag] as number) & 0x80) return "stopped";
    if (all[registers.mark] !== WHOLE) return "halfSet";
    for (let i = 0; i < 7; i++) bytes.push((all[registers.time + i] as number) & (registers.masks[i] as number));
    const unix = decode(registers, bytes);
    // A number that is no BCD, a date that does not exist and a wrong weekday come out otherwise.
    return unix >= EARLIEST && unix < END && encode(registers, unix).join() === bytes.join() ? unix : "impossible";
  }

  return {
    read,

    set(unix) {
      if (unix >= END) return false;
      try {
        open();
        send(registers.mark, BEING_SET);
        send(registers.time, encode(registers, unix));
        send(registers.control, registers.controls);
        send(registers.mark, WHOLE);
      } catch (_) {
        return false;
      }
      const now = read();
      return now === unix || now === unix + 1;
    },
  };
}
