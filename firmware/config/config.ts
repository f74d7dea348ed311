// The configuration: every field, its meaning, its range and its default, and how a board reads it.
// The technician's tool checks all of it and fills in the defaults (tools/config-schema.ts); the board only makes sure that it reads what the tool wrote.
// The file "config" is sealed (sealed.ts) and holds a JSON array: `FORMAT`, then every field in the order of `unpackConfig`.

import { contentOf } from "./sealed.js";

export type Language = "zh-CN" | "zh-TW" | "en";

/** Plain characters are ASCII, without spaces, `"` and `\\`. */
export interface Config {
  /** Number of this configuration, 1 to 65535, reported to the host and told in records. No default. */
  readonly version: number;
  /** The terminal's own name in the hall's systems, 1 to 16 plain characters. No default. */
  readonly device: string;
  /** Number of the counter as citizens see it, 1 to 4 plain characters. No default. */
  readonly counter: string;
  /** Language of the phrases on the display, zh-CN, zh-TW or en, default zh-CN. */
  readonly language: Language;
  /** Who wrote this configuration, for the record, 1 to 16 plain characters, default "-". */
  readonly author: string;
  /** Grade of each citizen key from the left, 3 to 5 different ones from 1 to 5, 5 best; a 1 or a 2 and a 4 or a 5 among them. Default [5, 4, 3, 2, 1]. */
  readonly grades: readonly number[];
  /** How long a citizen has to press, 5000 to 120000 ms, default 30000. Nobody pressed by then: outcome `timeout`, never a grade. */
  readonly timeoutMs: number;
  /** How long a citizen has to press in long mode, 5000 to 300000 ms, default 90000. */
  readonly longTimeoutMs: number;
  /** Long mode, true or false: for citizens who need more time. Default false. */
  readonly longMode: boolean;
  /** When a citizen who has not pressed is reminded, once, 0 (never) to 120000 ms after the invite, default 15000. */
  readonly reminderMs: number;
  /** Official codes of the reasons offered after a rating, up to 8 of them, 1 to 999; their texts are in the site file. Default none. */
  readonly reasons: readonly number[];
  /** How long the reasons are offered, 1000 to 60000 ms, default 10000. */
  readonly reasonMs: number;
  /** A press sooner than this after the invite is marked as suspect, 0 to 2000 ms, default 300. */
  readonly fastPressMs: number;
  /** More sessions than this in a minute are marked as suspect, 1 to 60, default 6. */
  readonly mostPerMinute: number;
  /** A key that is down for so long is stuck, 5000 to 120000 ms, default 20000. */
  readonly stuckKeyMs: number;
  /** How long an approval can be given, 5000 to 60000 ms, default 15000. */
  readonly approvalMs: number;
  /** Pauses are reported when they last longer than this, 1 to 240 minutes, default 10. */
  readonly pauseLimitMinutes: number;
  /** Pauses for the reason `phone` are reported when they last longer than this, 1 to 240 minutes, default 3. */
  readonly phoneLimitMinutes: number;
  /** Counters beside this one, up to 8 of 1 to 4 letters, digits or -, the first choice first; citizens are sent there. Default none. */
  readonly neighbours: readonly string[];
  /** Periods of service from Monday to Sunday: 7 texts of `HHMM-HHMM`, apart by a space, each later than the one before; or none for no timetable. Default none. */
  readonly hours: readonly string[];
  /** Periods on dates, by `YYYY-MM-DD`, instead of the weekday's, written as in `hours`. Default none. */
  readonly exceptions: { readonly [date: string]: string };
  /** Local time minus UTC, -720 to 840 minutes, default 480. */
  readonly utcOffsetMinutes: number;
  /** A sign-in more than this before opening is `early`, 0 to 120 minutes, default 10. */
  readonly earlyMinutes: number;
  /** The clerk may take ratings before opening time, true or false. Default false: 准备中. */
  readonly opensEarly: boolean;
  /** This counter stays open between two periods, true or false. Default false. */
  readonly lunchDuty: boolean;
  /** Hours of service with nobody on duty are reported after so long, 10 to 3600 s, default 300. */
  readonly unattendedS: number;
  /** Records unacknowledged for so long mean that the host is lost, 10 to 3600 s, default 60. */
  readonly linkLostS: number;
  /** How long the thanks stay, 1000 to 10000 ms, default 3000. */
  readonly thanksMs: number;
  /** How long a notice (an unknown badge, say) stays, 1000 to 10000 ms, default 3000. */
  readonly noticeMs: number;
  /** A contact has to be quiet for so long before its next edge counts as a press, 5 to 100 ms, default 50. */
  readonly quietMs: number;
  /** The host: `address:port` for lines over TCP, or `mqtt(s)://user:password@address:port`; up to 120 plain characters. Default none: the cable. */
  readonly host: string;
  /** Name (1 to 32 bytes) and password (8 to 63 ASCII characters, or "") of the wireless network on boards with WiFi. Default none. */
  readonly wifi: readonly string[];
  /** How loud the terminal is, 0 to 100 percent of what its sounder can, default 100. At 0 it is never heard. */
  readonly volumePercent: number;
  /** Hours in which nothing is heard, while the wall clock is known: `HHMM-HHMM`, also over midnight; lights answer as always. Default none. */
  readonly quietHours: string;
}

/** Number of the form of the stored file. A board reads this one alone. */
export const FORMAT = 2;

/** How many values the stored file holds, the format's number included. */
const VALUES = 35;

/** Either a configuration that holds, or what is wrong: a name, `: ` and what is the matter, in ASCII, at most 21 characters each: a line of the display. */
export type ConfigCheck = { readonly config: Config; readonly problem: undefined } | { readonly config: undefined; readonly problem: string };

/** The fields of the stored array by their names. This is the one place that knows their order. */
export function unpackConfig(values: readonly unknown[]): Config {
  return {
    version: values[1] as number,
    device: values[2] as string,
    counter: values[3] as string,
    language: values[4] as Language,
    author: values[5] as string,
    grades: values[6] as readonly number[],
    timeoutMs: values[7] as number,
    longTimeoutMs: values[8] as number,
    longMode: values[9] as boolean,
    reminderMs: values[10] as number,
    reasons: values[11] as readonly number[],
    reasonMs: values[12] as number,
    fastPressMs: values[13] as number,
    mostPerMinute: values[14] as number,
    stuckKeyMs: values[15] as number,
    approvalMs: values[16] as number,
    pauseLimitMinutes: values[17] as number,
    phoneLimitMinutes: values[18] as number,
    neighbours: values[19] as readonly string[],
    hours: values[20] as readonly string[],
    exceptions: values[21] as Config["exceptions"],
    utcOffsetMinutes: values[22] as number,
    earlyMinutes: values[23] as number,
    opensEarly: values[24] as boolean,
    lunchDuty: values[25] as boolean,
    unattendedS: values[26] as number,
    linkLostS: values[27] as number,
    thanksMs: values[28] as number,
    noticeMs: values[29] as number,
    quietMs: values[30] as number,
    host: values[31] as string,
    wifi: values[32] as readonly string[],
    volumePercent: values[33] as number,
    quietHours: values[34] as string,
  };
}

/** What a terminal without a configuration that holds keeps running with, out of order as it is: the defaults, and version 0. */
export function unconfigured(): Config {
  return unpackConfig([
    0,
    0,
    "unconfigured",
    "-",
    "zh-CN",
    "-",
    [5, 4, 3, 2, 1],
    30000,
    90000,
    false,
    15000,
    [],
    10000,
    300,
    6,
    20000,
    15000,
    10,
    3,
    [],
    [],
    {},
    480,
    10,
    false,
    false,
    300,
    60,
    3000,
    3000,
    50,
    "",
    [],
    100,
    "",
  ]);
}

/**
 * Reads the stored file.
 * @param text the file, or undefined where there is none
 * @param crc32 as in `Hal`
 */
export function readConfig(text: string | undefined, crc32: (data: string) => number): ConfigCheck {
  let problem = text ? "config: damaged" : "config: missing";
  let config: Config | undefined;
  try {
    const values = JSON.parse(contentOf(text, crc32)) as unknown[];
    config = unpackConfig(values);
    // A keypad that cannot say "bad" or cannot say "good", or says one thing twice, would cheat: whoever wrote it, it is refused here too.
    const grades = Array.isArray(config.grades) ? config.grades : [];
    let seen = 0;
    let count = 0;
    for (let grade = 1; grade <= 5; grade++) {
      if (grades.indexOf(grade) >= 0) {
        seen |= 1 << grade;
        count++;
      }
    }
    if (values[0] !== FORMAT || values.length !== VALUES) problem = "config: other version";
    else if (count < 3 || count !== grades.length) problem = "grades: 3 to 5 different 1..5";
    else if (!(seen & 6)) problem = "grades: needs a 1 or a 2";
    else if (!(seen & 48)) problem = "grades: needs a 4 or a 5";
    else problem = "";
  } catch (_) {
    // Sealed, and yet no JSON: the problem is that it is damaged.
  }
  return config && !problem ? { config, problem: undefined } : { config: undefined, problem };
}
