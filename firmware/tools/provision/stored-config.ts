// The stored form of a configuration: an array, which a board reads by its places. config-schema.ts says which configurations there may be.

import { type Config, FORMAT, Setting, type StoredConfig } from "../../config/config.js";
import { seal } from "./seal.js";

/** The place of every field in the stored array. */
const PLACES: Readonly<Record<keyof Config, Setting>> = {
  version: Setting.Version,
  device: Setting.Device,
  counter: Setting.Counter,
  language: Setting.Language,
  author: Setting.Author,
  grades: Setting.Grades,
  timeoutMs: Setting.TimeoutMs,
  longTimeoutMs: Setting.LongTimeoutMs,
  longMode: Setting.LongMode,
  reminderMs: Setting.ReminderMs,
  reasons: Setting.Reasons,
  reasonMs: Setting.ReasonMs,
  fastPressMs: Setting.FastPressMs,
  mostPerMinute: Setting.MostPerMinute,
  stuckKeyMs: Setting.StuckKeyMs,
  approvalMs: Setting.ApprovalMs,
  pauseLimitMinutes: Setting.PauseLimitMinutes,
  phoneLimitMinutes: Setting.PhoneLimitMinutes,
  neighbours: Setting.Neighbours,
  hours: Setting.Hours,
  exceptions: Setting.Exceptions,
  utcOffsetMinutes: Setting.UtcOffsetMinutes,
  earlyMinutes: Setting.EarlyMinutes,
  opensEarly: Setting.OpensEarly,
  lunchDuty: Setting.LunchDuty,
  unattendedS: Setting.UnattendedS,
  linkLostS: Setting.LinkLostS,
  thanksMs: Setting.ThanksMs,
  noticeMs: Setting.NoticeMs,
  quietMs: Setting.QuietMs,
  host: Setting.Host,
  wifi: Setting.Wifi,
  volumePercent: Setting.VolumePercent,
  quietHours: Setting.QuietHours,
  attendMinutes: Setting.AttendMinutes,
  litMinutes: Setting.LitMinutes,
  matterLimitMinutes: Setting.MatterLimitMinutes,
};

/** Names of all fields, in the order in which they are stored. */
export const CONFIG_FIELDS = (Object.keys(PLACES) as (keyof Config)[]).sort((a, b) => PLACES[a] - PLACES[b]);

/** A configuration as the board keeps it. */
export function storedConfig(config: Config): StoredConfig {
  const values: unknown[] = [FORMAT];
  for (const name of CONFIG_FIELDS) values[PLACES[name]] = config[name];
  return values as unknown as StoredConfig;
}

/** The file "config" of a terminal's store, for `readConfig`. */
export function packConfig(config: Config): string {
  return seal(JSON.stringify(storedConfig(config)));
}

/** The fields of a stored configuration by their names. @param values the content of the file "config" */
export function unpackConfig(values: StoredConfig): Config {
  return Object.fromEntries(CONFIG_FIELDS.map((name) => [name, values[PLACES[name] as keyof StoredConfig]])) as unknown as Config;
}
