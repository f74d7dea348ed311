// The configuration: every field, its meaning, its range, its default, and the check that stands before its first use.
// The check runs on the board too, so it is one statement a field and keeps nothing in memory but the result.

import { placeOf } from "../text.js";

export type Language = "zh-CN" | "zh-TW" | "en";

export interface Config {
  /** Number of this configuration, 1 to 65535, reported to the host and told in records. No default. */
  readonly version: number;
  /** The terminal's own name in the hall's systems, 1 to 16 of `A-Z a-z 0-9 . _ -`. No default. */
  readonly device: string;
  /** Number of the counter as citizens see it, 1 to 4 characters. No default. */
  readonly counter: string;
  /** Language of the phrases on the display. Default zh-CN. */
  readonly language: Language;
  /** Who wrote this configuration, for the record, 1 to 16 characters. Default "-". */
  readonly author: string;
  /** Grade of each citizen key from the left, 5 best; 3, 4 or 5 keys. Default [5, 4, 3, 2, 1]. */
  readonly grades: readonly number[];
  /** How long a citizen has to press, 5000 to 120000 ms, default 30000. Nobody pressed by then: outcome `timeout`, never a grade. */
  readonly timeoutMs: number;
  /** The same in long mode, 5000 to 300000 ms, default 90000. */
  readonly longTimeoutMs: number;
  /** Long mode: for citizens who need more time. Default false. */
  readonly isLongMode: boolean;
  /** When a citizen who has not pressed is reminded, once, 0 (never) to 120000 ms after the invite, default 15000. */
  readonly reminderMs: number;
  /** Official codes of the reasons offered after a rating, 0 to 8 of them, 1 to 999; their texts are in the site file. Default none. */
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
  /** The same for the reason `phone`, default 3. */
  readonly phoneLimitMinutes: number;
  /** Counters beside this one, the first choice first; citizens are sent there. Default none. */
  readonly neighbours: readonly string[];
  /** Periods of service from Monday to Sunday, each text `HHMM-HHMM`, apart by a space, in order; seven texts, or none for no timetable. Default none. */
  readonly hours: readonly string[];
  /** Periods on dates, by `YYYY-MM-DD`, instead of the weekday's. Default none. */
  readonly exceptions: { readonly [date: string]: string };
  /** Local time minus UTC, -720 to 840 minutes, default 480. */
  readonly utcOffsetMinutes: number;
  /** A sign-in more than this before opening is `early`, 0 to 120 minutes, default 10. */
  readonly earlyMinutes: number;
  /** The clerk may take ratings before opening time. Default false: 准备中. */
  readonly opensEarly: boolean;
  /** This counter stays open between two periods. Default false. */
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
  /** The host on boards with a TCP link, as `address:port`. Default: none, the link stays down. */
  readonly host: string;
}

/** Either a configuration that holds, or the first problem: the field's name, `: ` and what it should be, in ASCII, at most 21 characters each: a line of the display. */
export type ConfigCheck = { readonly config: Config; readonly problem: undefined } | { readonly config: undefined; readonly problem: string };

/**
 * Checks a configuration and fills in the defaults.
 * @param text the JSON text, or undefined where there is none
 */
export function checkConfig(text: string | undefined): ConfigCheck {
  let problem = "";
  let raw: Record<string, unknown> = {};
  let known = " ";

  function complain(name: string, wanted: string): void {
    if (!problem) problem = name.substr(0, 21) + ": " + wanted;
  }
  function take(name: string, standard: unknown): unknown {
    known += name + " ";
    return name in raw ? raw[name] : standard;
  }
  function whole(name: string, least: number, most: number, standard: number): number {
    const value = take(name, standard);
    if (typeof value === "number" && value >= least && value <= most && value === Math.floor(value)) return value;
    complain(name, least + " to " + most);
    return standard;
  }
  function word(name: string, most: number, standard: string | undefined): string {
    const value = take(name, standard);
    if (typeof value === "string" && value.length <= most && (value || standard === "")) {
      let isPlain = true;
      for (let i = 0; i < value.length; i++) {
        const code = value.charCodeAt(i);
        if (code <= 32 || code > 126 || code === 34 || code === 92) isPlain = false;
      }
      if (isPlain) return value;
    }
    complain(name, "1 to " + most + " plain letters");
    return "";
  }
  function grades(): number[] {
    const value = take("grades", [5, 4, 3, 2, 1]);
    const isList = Array.isArray(value) && value.length >= 3 && value.length <= 5;
    let seen = 0;
    if (isList) {
      for (let i = 0; i < value.length; i++) {
        const grade = value[i];
        if (typeof grade === "number" && grade >= 1 && grade <= 5 && grade === Math.floor(grade)) seen |= 1 << grade;
        else seen |= 64;
      }
    }
    // A keypad that cannot say "bad" or cannot say "good", or says one thing twice, would cheat.
    let count = 0;
    for (let bit = 1; bit <= 5; bit++) count += (seen >> bit) & 1;
    if (!isList || seen & 64 || count !== value.length) complain("grades", "3 to 5 different 1..5");
    else if (!(seen & 6)) complain("grades", "needs a 1 or a 2");
    else if (!(seen & 48)) complain("grades", "needs a 4 or a 5");
    return value as number[];
  }

  function isTrue(name: string): boolean {
    const value = take(name, false);
    if (value !== true && value !== false) complain(name, "true or false");
    return value === true;
  }
  function list(name: string, most: number, isFine: (value: unknown) => boolean, wanted: string): unknown[] {
    const value = take(name, []);
    let isRight = Array.isArray(value) && value.length <= most;
    if (isRight) for (let i = 0; i < (value as unknown[]).length; i++) if (!isFine((value as unknown[])[i])) isRight = false;
    if (isRight) return value as unknown[];
    complain(name, wanted);
    return [];
  }
  /** `HHMM-HHMM`, apart by spaces, each later than the one before. */
  function arePeriods(value: unknown): boolean {
    if (typeof value !== "string") return false;
    const times = value.split(" ").join("-").split("-");
    let before = -1;
    for (let i = 0; i < times.length && value; i++) {
      const time = times[i] as string;
      const minutes = parseInt(time.substr(0, 2), 10) * 60 + parseInt(time.substr(2), 10);
      if (time.length !== 4 || !(minutes > before && minutes <= 1440) || parseInt(time.substr(2), 10) > 59) return false;
      before = minutes;
    }
    return !value || (times.length % 2 === 0 && value.length === times.length * 5 - 1);
  }
  function exceptions(): { [date: string]: string } {
    const value = take("exceptions", {}) as { [date: string]: string };
    let isRight = !!value && typeof value === "object" && !Array.isArray(value);
    if (isRight) for (const date in value) if (!/^20[0-9][0-9]-[01][0-9]-[0-3][0-9]$/.test(date) || !arePeriods(value[date])) isRight = false;
    if (isRight) return value;
    complain("exceptions", "date: HHMM-HHMM ...");
    return {};
  }

  try {
    const parsed: unknown = JSON.parse(text || "");
    if (parsed && typeof parsed === "object" && !Array.isArray(parsed)) raw = parsed as Record<string, unknown>;
    else complain("config", "not a JSON object");
  } catch (_) {
    complain("config", text ? "not JSON" : "missing");
  }

  const config: Config = {
    version: whole("version", 1, 65535, 0),
    device: word("device", 16, undefined),
    counter: word("counter", 4, undefined),
    language: word("language", 5, "zh-CN") as Language,
    author: word("author", 16, "-"),
    grades: grades(),
    timeoutMs: whole("timeoutMs", 5000, 120000, 30000),
    longTimeoutMs: whole("longTimeoutMs", 5000, 300000, 90000),
    isLongMode: isTrue("longMode"),
    reminderMs: whole("reminderMs", 0, 120000, 15000),
    reasons: list("reasons", 8, (code) => typeof code === "number" && code >= 1 && code <= 999, "up to 8 codes 1..999") as number[],
    reasonMs: whole("reasonMs", 1000, 60000, 10000),
    fastPressMs: whole("fastPressMs", 0, 2000, 300),
    mostPerMinute: whole("mostPerMinute", 1, 60, 6),
    stuckKeyMs: whole("stuckKeyMs", 5000, 120000, 20000),
    approvalMs: whole("approvalMs", 5000, 60000, 15000),
    pauseLimitMinutes: whole("pauseLimitMinutes", 1, 240, 10),
    phoneLimitMinutes: whole("phoneLimitMinutes", 1, 240, 3),
    neighbours: list(
      "neighbours",
      8,
      (counter) => typeof counter === "string" && /^[A-Za-z0-9-]+$/.test(counter) && counter.length <= 4,
      "up to 8 counters",
    ) as string[],
    hours: list("hours", 7, arePeriods, "7 texts HHMM-HHMM") as string[],
    exceptions: exceptions(),
    utcOffsetMinutes: whole("utcOffsetMinutes", -720, 840, 480),
    earlyMinutes: whole("earlyMinutes", 0, 120, 10),
    opensEarly: isTrue("opensEarly"),
    lunchDuty: isTrue("lunchDuty"),
    unattendedS: whole("unattendedS", 10, 3600, 300),
    linkLostS: whole("linkLostS", 10, 3600, 60),
    thanksMs: whole("thanksMs", 1000, 10000, 3000),
    noticeMs: whole("noticeMs", 1000, 10000, 3000),
    quietMs: whole("quietMs", 5, 100, 50),
    host: word("host", 48, ""),
  };
  if (config.hours.length && config.hours.length !== 7) complain("hours", "7 texts HHMM-HHMM");
  if (config.host && !/^[^:]+:[0-9]+$/.test(config.host)) complain("host", "address:port");
  if (config.language !== "zh-CN" && config.language !== "zh-TW" && config.language !== "en") complain("language", "zh-CN, zh-TW or en");
  for (const name in raw) if (name.split(" ").length > 1 || placeOf(known, " " + name + " ") < 0) complain(name, "unknown field");
  return problem ? { config: undefined, problem } : { config, problem: undefined };
}
