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
  /** Grade of each citizen key from the left, 5 best; 3, 4 or 5 keys. Default [5, 4, 3, 2, 1]. */
  readonly grades: readonly number[];
  /** How long a citizen has to press, 5000 to 120000 ms, default 30000. Nobody pressed by then: outcome `timeout`, never a grade. */
  readonly timeoutMs: number;
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
    grades: grades(),
    timeoutMs: whole("timeoutMs", 5000, 120000, 30000),
    thanksMs: whole("thanksMs", 1000, 10000, 3000),
    noticeMs: whole("noticeMs", 1000, 10000, 3000),
    quietMs: whole("quietMs", 5, 100, 50),
    host: word("host", 48, ""),
  };
  if (config.host && !/^[^:]+:[0-9]+$/.test(config.host)) complain("host", "address:port");
  if (config.language !== "zh-CN" && config.language !== "zh-TW" && config.language !== "en") complain("language", "zh-CN, zh-TW or en");
  for (const name in raw) if (name.split(" ").length > 1 || placeOf(known, " " + name + " ") < 0) complain(name, "unknown field");
  return problem ? { config: undefined, problem } : { config, problem: undefined };
}
