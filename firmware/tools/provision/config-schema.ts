// Checks a configuration. The tool does so once, before anything else, and a board reads only configurations that the tool has accepted. z.toJSONSchema makes a JSON
// Schema of `configSchema`. Its descriptions are those of config/config.ts, where somebody who works on the firmware looks for them.

import { z } from "zod";
import type { Config, Language } from "../../config/config.js";
import { DEVICE_NAME, DEVICE_NAME_WORDS, MOST_NAME_CHARACTERS } from "../../config/device-name.js";
import { ToolError, UNTOUCHED } from "../tool-error.js";

/** A configuration that no terminal may have. */
export class ConfigError extends ToolError {
  /** @param problems everything that is wrong, each `field: what it should be` */
  constructor(readonly problems: readonly string[]) {
    super("configInvalid", problems.join("\n"), UNTOUCHED, "Correct these fields, and run the same command again.");
  }
}

// --- kinds of fields ---

function whole(least: number, most: number): z.ZodInt {
  const wanted = `must be a whole number from ${least} to ${most}`;
  return z.int(wanted).min(least, wanted).max(most, wanted);
}

/** Text of ASCII without spaces, `"` and `\`. */
function plain(most: number): z.ZodString {
  const wanted = `must be text of 1 to ${most} plain characters: ASCII without spaces, " and \\`;
  return z
    .string(wanted)
    .min(1, wanted)
    .max(most, wanted)
    .regex(/^[!#-[\]-~]*$/, wanted);
}

/** The number of a counter. */
export const COUNTER = /^[A-Za-z0-9-]{1,4}$/;

const NAME = `must be ${DEVICE_NAME_WORDS}`;
const device = z.string(NAME).regex(DEVICE_NAME, NAME).max(MOST_NAME_CHARACTERS, NAME);

const NUMBER = "must be text of 1 to 4 letters, digits or -";
const counter = z.string(NUMBER).regex(COUNTER, NUMBER);

/** @param wanted what the list, and each item, should be */
function listOf<Item extends z.ZodType>(item: (wanted: string) => Item, most: number, wanted: string): z.ZodArray<Item> {
  return z.array(item(wanted), wanted).max(most, wanted);
}

const yesNo = z.boolean("must be true or false");

const language = z.enum(["zh-CN", "zh-TW", "en"] satisfies Language[], "must be zh-CN, zh-TW or en");

// A keypad without a bad or without a good grade, or with one grade twice, would cheat. A board refuses it too.
const DIFFERENT = "must be 3 to 5 different grades from 1 to 5";
const grades = listOf(() => z.int(DIFFERENT).min(1, DIFFERENT).max(5, DIFFERENT), 5, DIFFERENT)
  .min(3, DIFFERENT)
  .refine((given) => new Set(given).size === given.length, DIFFERENT)
  .refine((given) => given.includes(1) || given.includes(2), "must have a 1 or a 2, or nobody could be dissatisfied")
  .refine((given) => given.includes(4) || given.includes(5), "must have a 4 or a 5, or nobody could be satisfied");

// Two codes of one reason are stored as one number: see `storedCode` of site.ts.
const reasons = listOf(
  (wanted) =>
    z
      .int(wanted)
      .min(1, wanted)
      .max(999_999, wanted)
      .refine((code) => code < 1000 || code > 100_000, wanted),
  8,
  "must be up to 8 codes from 1 to 999",
);

const neighbours = listOf(
  (wanted) => z.string(wanted).regex(COUNTER, wanted),
  8,
  "must be up to 8 counters, each text of 1 to 4 letters, digits or -",
);

const TIME = "(([01]\\d|2[0-3])[0-5]\\d|2400)";
const PERIODS = new RegExp(`^(${TIME}-${TIME}( ${TIME}-${TIME})*)?$`);

/** `HHMM-HHMM`, apart by a space, each time later than the one before; "" for none. */
function periods(wanted: string): z.ZodString {
  return z
    .string(wanted)
    .regex(PERIODS, wanted)
    .refine((text) => text.split(/[ -]/).every((time, i, times) => i === 0 || time > (times[i - 1] as string)), wanted);
}

const WEEK = "must be 7 texts of HHMM-HHMM, apart by a space and in order, from Monday to Sunday, or none";
const hours = listOf(periods, 7, WEEK).refine(({ length }) => length === 0 || length === 7, WEEK);

const DATES = "must be dates, YYYY-MM-DD, each with HHMM-HHMM, apart by a space and in order";
const exceptions = z.record(z.string().regex(/^20\d\d-[01]\d-[0-3]\d$/, DATES), periods(DATES), DATES);

const QUIET = "must be HHMM-HHMM, two different times, or empty";
const quietHours = z
  .string(QUIET)
  .regex(new RegExp(`^(${TIME}-${TIME})?$`), QUIET)
  .refine((text) => !text || text.slice(0, 4) !== text.slice(5), QUIET);

const ADDRESS =
  "must be address:port, mqtt://address:port or mqtt://user:password@address:port (mqtts:// for TLS), with a port from 1 to 65535, up to 120 plain characters, or empty";
const host = z
  .string(ADDRESS)
  .max(120, ADDRESS)
  .regex(/^((mqtts?:\/\/([!#-.0-9;-?A-[\]-~]+:[!#-?A-[\]-~]+@)?)?[A-Za-z0-9.-]+:\d{1,5})?$/, ADDRESS)
  .refine((text) => !text || Number(/\d+$/.exec(text)?.[0]) > 0, ADDRESS)
  .refine((text) => !text || Number(/\d+$/.exec(text)?.[0]) < 65536, ADDRESS);

const WIFI = 'must be [name, password]: a name of 1 to 32 bytes, and a password of 8 to 63 ASCII characters, or ""; or none';
const wifi = listOf((wanted) => z.string(wanted), 2, WIFI)
  .refine(({ length }) => length !== 1, WIFI)
  .refine(([name]) => name === undefined || (name !== "" && Buffer.byteLength(name) <= 32), WIFI)
  .refine(([, password]) => !password || /^[ -~]{8,63}$/.test(password), WIFI);

// --- all fields ---

/** The fields as a technician writes them, checked and with their defaults. */
export const configSchema = z.strictObject({
  version: whole(1, 65535).describe("Version of this configuration, 1 to 65535, told to the host and in records. No default."),
  device: device.describe("The terminal's own name in the hall's systems, 1 to 16 letters, digits, _ or -. No default."),
  counter: counter.describe("Number of the counter as citizens see it, 1 to 4 letters, digits or -. No default."),
  language: language.default("zh-CN").describe("Language of the phrases on the display, zh-CN, zh-TW or en, default zh-CN."),
  author: plain(16).default("-").describe('Who wrote this configuration, for the record, 1 to 16 plain characters, default "-".'),
  grades: grades
    .default([5, 4, 3, 2, 1])
    .describe(
      "Grade of each citizen key from the left, 3 to 5 different ones from 1 to 5, 5 best; a 1 or a 2 and a 4 or a 5 among them. Default [5, 4, 3, 2, 1].",
    ),
  timeoutMs: whole(5000, 120000)
    .default(30000)
    .describe(
      "How long a citizen may take to press, 5000 to 120000 ms, default 30000. Without a press the outcome is `timeout`, which has no grade.",
    ),
  longTimeoutMs: whole(5000, 300000).default(90000).describe("How long a citizen may take to press in long mode, 5000 to 300000 ms, default 90000."),
  longMode: yesNo.default(false).describe("Long mode, true or false: for citizens who need more time. Default false."),
  reminderMs: whole(0, 120000)
    .default(15000)
    .describe("When a citizen who has not pressed is reminded once, 0 (never) to 120000 ms after the invite, default 15000."),
  reasons: reasons
    .default([])
    .describe(
      "Reasons offered after a rating, up to 8, each named by one of its official codes, 1 to 999; texts and codes are in the site file. Default none.",
    ),
  reasonMs: whole(1000, 60000).default(10000).describe("How long the reasons are offered, 1000 to 60000 ms, default 10000."),
  fastPressMs: whole(0, 2000).default(300).describe("A press sooner than this after the invite is marked as suspect, 0 to 2000 ms, default 300."),
  mostPerMinute: whole(1, 60).default(6).describe("More sessions than this in a minute are marked as suspect, 1 to 60, default 6."),
  stuckKeyMs: whole(5000, 120000).default(20000).describe("How long a key is down until it counts as stuck, 5000 to 120000 ms, default 20000."),
  approvalMs: whole(5000, 60000).default(15000).describe("How long a wish waits for an approval, 5000 to 60000 ms, default 15000."),
  pauseLimitMinutes: whole(1, 240).default(10).describe("Pauses are reported when they last longer than this, 1 to 240 minutes, default 10."),
  phoneLimitMinutes: whole(1, 240)
    .default(3)
    .describe("Pauses for the reason `phone` are reported when they last longer than this, 1 to 240 minutes, default 3."),
  neighbours: neighbours
    .default([])
    .describe("Counters to which citizens are sent, the first choice first: up to 8 of 1 to 4 letters, digits or -. Default none."),
  hours: hours
    .default([])
    .describe(
      "Periods of service from Monday to Sunday: 7 texts of `HHMM-HHMM`, separated by a space, in order; or none for no timetable. Default none.",
    ),
  exceptions: exceptions
    .default({})
    .describe("Periods on single dates, by `YYYY-MM-DD`, instead of those of the weekday, written as in `hours`. Default none."),
  utcOffsetMinutes: whole(-720, 840).default(480).describe("Local time minus UTC, -720 to 840 minutes, default 480."),
  earlyMinutes: whole(0, 120).default(10).describe("A sign-in at least this long before opening is `early`, 0 to 120 minutes, default 10."),
  opensEarly: yesNo.default(false).describe("The clerk may take ratings before opening time, true or false. Default false: 准备中."),
  lunchDuty: yesNo.default(false).describe("Whether this counter stays open between two periods, true or false. Default false."),
  unattendedS: whole(10, 3600)
    .default(300)
    .describe("How long nobody is on duty in hours of service until it is reported, 10 to 3600 s, default 300."),
  linkLostS: whole(10, 3600).default(60).describe("How long the host owes an acknowledgement until it counts as lost, 10 to 3600 s, default 60."),
  thanksMs: whole(1000, 10000).default(3000).describe("How long the thanks are shown, 1000 to 10000 ms, default 3000."),
  noticeMs: whole(1000, 10000).default(3000).describe("How long a notice is shown, such as that a badge is unknown, 1000 to 10000 ms, default 3000."),
  quietMs: whole(5, 100).default(50).describe("How long a contact has to be quiet before its next edge counts as a press, 5 to 100 ms, default 50."),
  host: host
    .default("")
    .describe(
      "The host: `address:port` for lines over TCP, or `mqtt(s)://user:password@address:port`; up to 120 plain characters. Default none: the cable.",
    ),
  wifi: wifi
    .default([])
    .describe('Name (1 to 32 bytes) and password (8 to 63 ASCII characters, or "") of the wireless network on boards with WiFi. Default none.'),
  volumePercent: whole(0, 100).default(100).describe("Volume, 0 to 100 percent of the loudest that the sounder can play; 0 is silent. Default 100."),
  quietHours: quietHours
    .default("")
    .describe("Hours of silence, `HHMM-HHMM`, also over midnight, while the wall clock is known. Lights answer as always. Default none."),
  attendMinutes: whole(1, 240)
    .default(10)
    .describe("A supervisor's badge within this time after a bad rating is recorded as attending to it, 1 to 240 minutes, default 10."),
  litMinutes: whole(0, 1440)
    .default(120)
    .describe(
      "How long after the last closing the display stays lit with nobody on duty, 0 to 1440 minutes (always), default 120. Then it is dark for the night.",
    ),
  matterLimitMinutes: whole(0, 1440)
    .default(0)
    .describe("A matter that is open for longer than this is reported, 0 (never) to 1440 minutes, default 0."),
}) satisfies z.ZodType<Config>;

/**
 * Checks a configuration and fills in the defaults.
 * @throws ConfigError with everything that is wrong
 */
export function parseConfig(fields: unknown): Config {
  const result = configSchema.safeParse(fields);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.map((name) => `${name}: unknown field`);
    return `${String(issue.path[0] ?? "config")}: ${issue.path.length > 0 ? issue.message : "must be fields and their values"}`;
  });
  throw new ConfigError([...new Set(problems)]);
}
