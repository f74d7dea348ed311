// The configuration: every field with its meaning, its range and its default, and how a board reads it.
// The technician's tool checks it and fills in the defaults (tools/provision/config-schema.ts). The board only checks that it reads a file which the tool wrote.
// The file "config" is sealed (sealed.ts) and holds a JSON array: `FORMAT`, then every field in the order of `Setting`.

import { isDeviceName } from "./device-name.js";
import { contentOf } from "./sealed.js";

export type Language = "zh-CN" | "zh-TW" | "en";

/** Plain characters are ASCII, without spaces, `"` and `\\`. */
export interface Config {
  /** Version of this configuration, 1 to 65535, told to the host and in records. No default. */
  readonly version: number;
  /** The terminal's own name in the hall's systems, 1 to 16 letters, digits, _ or -. No default. */
  readonly device: string;
  /** Number of the counter as citizens see it, 1 to 4 letters, digits or -. No default. */
  readonly counter: string;
  /** Language of the phrases on the display, zh-CN, zh-TW or en, default zh-CN. */
  readonly language: Language;
  /** Who wrote this configuration, for the record, 1 to 16 plain characters, default "-". */
  readonly author: string;
  /** Grade of each citizen key from the left, 3 to 5 different ones from 1 to 5, 5 best; a 1 or a 2 and a 4 or a 5 among them. Default [5, 4, 3, 2, 1]. */
  readonly grades: readonly number[];
  /** How long a citizen may take to press, 5000 to 120000 ms, default 30000. Without a press the outcome is `timeout`, which has no grade. */
  readonly timeoutMs: number;
  /** How long a citizen may take to press in long mode, 5000 to 300000 ms, default 90000. */
  readonly longTimeoutMs: number;
  /** Long mode, true or false: for citizens who need more time. Default false. */
  readonly longMode: boolean;
  /** When a citizen who has not pressed is reminded once, 0 (never) to 120000 ms after the invite, default 15000. */
  readonly reminderMs: number;
  // Stored is the code of grade 2, or of grade 1; where there are both, 1000 times that of grade 1 and that of grade 2.
  /** Reasons offered after a rating, up to 8, each named by one of its official codes, 1 to 999; texts and codes are in the site file. Default none. */
  readonly reasons: readonly number[];
  /** How long the reasons are offered, 1000 to 60000 ms, default 10000. */
  readonly reasonMs: number;
  /** A press sooner than this after the invite is marked as suspect, 0 to 2000 ms, default 300. */
  readonly fastPressMs: number;
  /** More sessions than this in a minute are marked as suspect, 1 to 60, default 6. */
  readonly mostPerMinute: number;
  /** How long a key is down until it counts as stuck, 5000 to 120000 ms, default 20000. */
  readonly stuckKeyMs: number;
  /** How long a wish waits for an approval, 5000 to 60000 ms, default 15000. */
  readonly approvalMs: number;
  /** Pauses are reported when they last longer than this, 1 to 240 minutes, default 10. */
  readonly pauseLimitMinutes: number;
  /** Pauses for the reason `phone` are reported when they last longer than this, 1 to 240 minutes, default 3. */
  readonly phoneLimitMinutes: number;
  /** Counters to which citizens are sent, the first choice first: up to 8 of 1 to 4 letters, digits or -. Default none. */
  readonly neighbours: readonly string[];
  /** Periods of service from Monday to Sunday: 7 texts of `HHMM-HHMM`, separated by a space, in order; or none for no timetable. Default none. */
  readonly hours: readonly string[];
  /** Periods on single dates, by `YYYY-MM-DD`, instead of those of the weekday, written as in `hours`. Default none. */
  readonly exceptions: { readonly [date: string]: string };
  /** Local time minus UTC, -720 to 840 minutes, default 480. */
  readonly utcOffsetMinutes: number;
  /** A sign-in at least this long before opening is `early`, 0 to 120 minutes, default 10. */
  readonly earlyMinutes: number;
  /** The clerk may take ratings before opening time, true or false. Default false: 准备中. */
  readonly opensEarly: boolean;
  /** Whether this counter stays open between two periods, true or false. Default false. */
  readonly lunchDuty: boolean;
  /** How long nobody is on duty in hours of service until it is reported, 10 to 3600 s, default 300. */
  readonly unattendedS: number;
  /** How long the host owes an acknowledgement until it counts as lost, 10 to 3600 s, default 60. */
  readonly linkLostS: number;
  /** How long the thanks are shown, 1000 to 10000 ms, default 3000. */
  readonly thanksMs: number;
  /** How long a notice is shown, such as that a badge is unknown, 1000 to 10000 ms, default 3000. */
  readonly noticeMs: number;
  /** How long a contact has to be quiet before its next edge counts as a press, 5 to 100 ms, default 50. */
  readonly quietMs: number;
  /** The host: `address:port` for lines over TCP, or `mqtt(s)://user:password@address:port`; up to 120 plain characters. Default none: the cable. */
  readonly host: string;
  /** Name (1 to 32 bytes) and password (8 to 63 ASCII characters, or "") of the wireless network on boards with WiFi. Default none. */
  readonly wifi: readonly string[];
  /** Volume, 0 to 100 percent of the loudest that the sounder can play; 0 is silent. Default 100. */
  readonly volumePercent: number;
  /** Hours of silence, `HHMM-HHMM`, also over midnight, while the wall clock is known. Lights answer as always. Default none. */
  readonly quietHours: string;
  /** A supervisor's badge within this time after a bad rating is recorded as attending to it, 1 to 240 minutes, default 10. */
  readonly attendMinutes: number;
  /** How long after the last closing the display stays lit with nobody on duty, 0 to 1440 minutes (always), default 120. Then it is dark for the night. */
  readonly litMinutes: number;
  /** A matter that is open for longer than this is reported, 0 (never) to 1440 minutes, default 0. */
  readonly matterLimitMinutes: number;
}

/** Places of the fields in the stored array. */
export const enum Setting {
  Version = 1,
  Device,
  Counter,
  Language,
  Author,
  Grades,
  TimeoutMs,
  LongTimeoutMs,
  LongMode,
  ReminderMs,
  Reasons,
  ReasonMs,
  FastPressMs,
  MostPerMinute,
  StuckKeyMs,
  ApprovalMs,
  PauseLimitMinutes,
  PhoneLimitMinutes,
  Neighbours,
  Hours,
  Exceptions,
  UtcOffsetMinutes,
  EarlyMinutes,
  OpensEarly,
  LunchDuty,
  UnattendedS,
  LinkLostS,
  ThanksMs,
  NoticeMs,
  QuietMs,
  Host,
  Wifi,
  VolumePercent,
  QuietHours,
  AttendMinutes,
  LitMinutes,
  MatterLimitMinutes,
}

/**
 * A configuration as the board keeps it: `config[Setting.Grades]` is the field `grades`. An object with 37 names would take the interpreter 11 ms at each start, as
 * it compares each new name with all others.
 */
export type StoredConfig = {
  readonly [K in keyof typeof Setting as (typeof Setting)[K]]: Uncapitalize<K> extends keyof Config ? Config[Uncapitalize<K>] : never;
};

/** Version of the format of the stored file. A board reads no other. */
export const FORMAT = 4;

/** Number of values in the stored file, with the version of the format. */
const VALUES = Setting.MatterLimitMinutes + 1;

/** A valid configuration, or its problem: a name, `: ` and a description, in ASCII, at most 21 characters each, which fit a line of the display. */
export type ConfigCheck = { readonly config: StoredConfig; readonly problem: undefined } | { readonly config: undefined; readonly problem: string };

/** The configuration of a terminal that has no valid one, and is out of order: the defaults, and version 0. */
export function unconfigured(): StoredConfig {
  return [
    FORMAT,
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
    10,
    120,
    0,
  ] as unknown as StoredConfig;
}

/**
 * Reads the stored file.
 * @param text the file, or undefined where there is none
 * @param crc32 as in `Hal`
 */
export function readConfig(text: string | undefined, crc32: (data: string) => number): ConfigCheck {
  let problem = text ? "config: damaged" : "config: missing";
  let config: (StoredConfig & readonly unknown[]) | undefined;
  try {
    config = JSON.parse(contentOf(text, crc32)) as StoredConfig & readonly unknown[];
    // Without a bad grade, without a good one, or with one grade twice, the keypad would falsify the ratings. The board refuses that too.
    const grades = Array.isArray(config[Setting.Grades]) ? config[Setting.Grades] : [];
    let seen = 0;
    let count = 0;
    for (let grade = 1; grade <= 5; grade++) {
      if (grades.indexOf(grade) >= 0) {
        seen |= 1 << grade;
        count++;
      }
    }
    if (config[0] !== FORMAT || config.length !== VALUES) problem = "config: other version";
    else if (!isDeviceName(config[Setting.Device])) problem = "device: A-Z a-z 0-9 _-";
    else if (count < 3 || count !== grades.length) problem = "grades: 3 to 5 different 1..5";
    else if (!(seen & 6)) problem = "grades: needs a 1 or a 2";
    else if (!(seen & 48)) problem = "grades: needs a 4 or a 5";
    else problem = "";
  } catch (_) {
    // The seal is right, but the content is no JSON: `problem` says that the file is damaged.
  }
  // Without a problem there is a configuration.
  return { config: problem ? undefined : config, problem: problem || undefined } as ConfigCheck;
}
