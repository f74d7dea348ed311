// Every view of a terminal, and the steps that lead to it. The firmware itself shows each view, after actions of people and of the host.

import type { Language } from "../../firmware/config/config.js";
import { parseConfig } from "../../firmware/tools/provision/config-schema.js";
import { type Person, personSchema, type Reason } from "../../firmware/tools/provision/site.js";
import type { KeyName } from "../../hal/keys.js";

/** The actions at a counter. After each some time passes, so that it has its effect. */
export interface Counter {
  /** Holds a badge to the reader: a staff number for that person's badge, a badge as the reader reports it, or the bits of a frame. */
  badge(who: string): void;
  /** Presses a key, and holds it for some time. */
  press(key: KeyName, holdMs?: number): void;
  /** Presses a key, and does not let go of it. */
  hold(key: KeyName): void;
  wait(ms: number): void;
  /** The host sends a command. @returns the newest line of the terminal: the answer, unless the command has other effects */
  say(command: Readonly<Record<string, unknown>>): string;
}

export interface GalleryView {
  /** Its name, also that of its file. */
  readonly name: string;
  /** Fields of the configuration in addition to those of every view. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Whether the stored configuration is damaged. */
  readonly isDamaged?: boolean;
  readonly reach: (counter: Counter, language: Language) => void;
}

/** Staff number of somebody with a long name. */
export const LONG_NAMED = "MW-10001";

/** The hall of the gallery, with the names of its people in the language of the display. */
export function peopleOf(language: Language): readonly Person[] {
  const words = {
    "zh-CN": ["王小明", "综合受理", "欧阳静怡", "社会保障", "李国强", "税务登记", "陈敏", "首席代表", "阿卜杜热合曼·艾力", "不动产登记", "民政科"],
    "zh-TW": ["王小明", "綜合受理", "歐陽靜怡", "社會保障", "李國強", "稅務登記", "陳敏", "主管", "巴厄拉邦·德納班", "不動產登記", "民政課"],
    "en": [
      "Ann Lee",
      "Passports",
      "J. Moore",
      "Pensions",
      "Tim Wu",
      "Taxes",
      "Eve Kay",
      "Supervisor",
      "B. Featherstonehaugh",
      "Residence permits",
      "Civil Affairs",
    ],
  }[language];
  const person = (i: number, fields: object): Person => personSchema.parse({ name: words[2 * i], post: words[2 * i + 1], ...fields });
  return [
    person(0, { badge: "W26:1A2B3C", number: "1024", department: words[10] }),
    person(1, { badge: "W26:2C4D5E", number: "20260008", party: true, stars: 3 }),
    person(2, { badge: "W26:00AA01", number: "2077", revoked: true }),
    person(2, { badge: "W26:00AA02", number: "2078", from: "2099-01-01" }),
    person(2, { badge: "W26:00AA03", number: "2079", until: "2020-01-01" }),
    person(2, { badge: "W26:00AA04", number: "2080", counters: ["99"] }),
    person(2, { badge: "W26:00AA05", number: "2081", role: "maintainer" }),
    person(3, { badge: "W26:0F0F0F", number: "9001", role: "supervisor" }),
    person(4, { badge: "W26:3C5D6E", number: LONG_NAMED }),
  ];
}

export function reasonsOf(language: Language): readonly Reason[] {
  const texts = {
    "zh-CN": ["业务不熟练", "服务态度生硬", "未在承诺时间办结", "没有材料样本", "重复取号排队", "态度差效率低"],
    "zh-TW": ["業務不熟練", "服務態度生硬", "未在承諾時間辦結", "沒有材料樣本", "重複取號排隊", "態度差效率低"],
    "en": ["Not able", "Unkind", "Too late", "No sample", "Queued 2x", "Slow"],
  }[language];
  return texts.map((text, i) => ({ code: [213, 214, 209, 207, 212, 115][i] as number, names: [], text }));
}

/** Monday to Sunday. */
const HOURS = { hours: Array<string>(7).fill("0830-1200 1300-1700") };
/** A time on a Monday, in seconds since 1970. */
const MONDAY = Date.UTC(2026, 2, 2) / 1000 - 8 * 3600;
const BESIDE = { neighbours: ["12"] };
const FIVE = { reasons: [213, 214, 209, 207, 212] };

function at(hour: number, counter: Counter): void {
  counter.say({ do: "time", unix: MONDAY + hour * 3600 });
}

function neighbour(state: string, counter: Counter): void {
  counter.say({ do: "neighbour", counter: "12", state });
}

const WARNINGS: Readonly<Record<Language, readonly [string, string]>> = {
  "zh-CN": ["火警，请疏散", "地震！ 请从安全出口离开大厅"],
  "zh-TW": ["火警，請疏散", "地震！ 請從安全出口離開大廳"],
  "en": ["Fire! Leave now", "Storm: stay inside until 14:30"],
};

/** Leads to the question for the reason, after a rating. */
function askForReasons(counter: Counter): void {
  counter.badge("1024");
  counter.press("invite");
  counter.press("key4");
  counter.wait(3000);
}

function warn(which: 0 | 1, counter: Counter, language: Language): void {
  const answer = counter.say({ do: "emergency", text64: Buffer.from(WARNINGS[language][which]).toString("base64") });
  if (!answer.includes('"result":"ok"')) throw new Error(`the emergency text in ${language} is refused: ${answer}`);
}

/** The reasons that a held pause key offers, one a second, in this order. */
const PAUSES = ["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"];

export const VIEWS: readonly GalleryView[] = [
  { name: "nobody-on-duty", reach: () => undefined },
  { name: "nobody-on-duty-neighbour-open", config: BESIDE, reach: (counter) => neighbour("open", counter) },
  { name: "before-opening", config: HOURS, reach: (counter) => at(8, counter) },
  { name: "midday", config: HOURS, reach: (counter) => at(12.5, counter) },
  {
    name: "midday-neighbour-open",
    config: { ...HOURS, ...BESIDE },
    reach(counter) {
      at(12.5, counter);
      neighbour("open", counter);
    },
  },
  { name: "after-closing", config: HOURS, reach: (counter) => at(18, counter) },
  {
    name: "after-closing-next-opening",
    config: HOURS,
    reach(counter) {
      at(18, counter);
      counter.wait(10_000);
    },
  },
  {
    name: "after-closing-supervisor-of-the-day",
    config: HOURS,
    reach(counter) {
      at(18, counter);
      counter.say({ do: "leader", by: "9001" });
      counter.wait(20_000);
    },
  },
  {
    name: "after-closing-neighbour-open",
    config: { ...HOURS, ...BESIDE },
    reach(counter) {
      at(18, counter);
      neighbour("open", counter);
    },
  },
  {
    name: "before-opening-clerk-there",
    config: HOURS,
    reach(counter) {
      at(8, counter);
      counter.badge("1024");
    },
  },
  {
    name: "late-service",
    config: HOURS,
    reach(counter) {
      at(16.9, counter);
      counter.badge("1024");
      at(18, counter);
    },
  },
  { name: "staff-card", reach: (counter) => counter.badge("1024") },
  { name: "staff-card-party-and-stars", reach: (counter) => counter.badge("20260008") },
  { name: "staff-card-long-name", reach: (counter) => counter.badge(LONG_NAMED) },
  {
    name: "staff-card-without-network",
    reach(counter) {
      counter.badge("1024");
      counter.wait(61_000);
    },
  },
  {
    name: "welcome",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "open", transaction: "T-1" });
    },
  },
  {
    name: "waited",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "open", transaction: "T-1", waited: true });
    },
  },
  {
    name: "referred",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "refer", counter: "12" });
    },
  },
  {
    name: "invite",
    reach(counter) {
      counter.badge("1024");
      counter.press("invite");
    },
  },
  {
    name: "invite-by-the-longest-number",
    reach(counter) {
      counter.badge("20260008");
      counter.press("invite");
    },
  },
  {
    name: "invite-by-a-long-name",
    reach(counter) {
      counter.badge(LONG_NAMED);
      counter.press("invite");
    },
  },
  {
    name: "invite-and-approval-needed",
    reach(counter) {
      counter.badge("1024");
      counter.press("invite");
      counter.press("pause");
    },
  },
  {
    name: "thanks",
    reach(counter) {
      counter.badge("1024");
      counter.press("invite");
      counter.press("key1");
    },
  },
  {
    name: "after-invite",
    reach(counter) {
      counter.badge("1024");
      counter.press("key1");
    },
  },
  {
    name: "reasons",
    config: { reasons: [213, 214, 209] },
    reach: askForReasons,
  },
  {
    name: "reasons-and-more",
    config: FIVE,
    reach: askForReasons,
  },
  {
    name: "reasons-second-page",
    config: FIVE,
    reach(counter) {
      askForReasons(counter);
      counter.press("key4");
    },
  },
  {
    name: "paper-card",
    reach(counter) {
      counter.badge("1024");
      counter.hold("key1");
      counter.wait(21_000);
    },
  },
  { name: "badge-unknown", reach: (counter) => counter.badge("W34:00C0FFEE") },
  { name: "badge-garbled", reach: (counter) => counter.badge("0".repeat(12)) },
  { name: "badge-revoked", reach: (counter) => counter.badge("2077") },
  {
    name: "badge-not-yet-valid",
    reach(counter) {
      at(9, counter);
      counter.badge("2078");
    },
  },
  {
    name: "badge-expired",
    reach(counter) {
      at(9, counter);
      counter.badge("2079");
    },
  },
  { name: "badge-of-another-counter", reach: (counter) => counter.badge("2080") },
  { name: "badge-of-no-clerk", reach: (counter) => counter.badge("2081") },
  { name: "supervisor-and-nothing-to-approve", reach: (counter) => counter.badge("9001") },
  {
    name: "rated-already",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "invite", transaction: "2026-0302-000041" });
      counter.press("key1");
      counter.wait(4000);
      counter.say({ do: "invite", transaction: "2026-0302-000041" });
    },
  },
  {
    name: "not-approved",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "waiting", count: 3 });
      counter.press("pause");
      counter.wait(15_000);
    },
  },
  {
    name: "sign-out-to-approve",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "waiting", count: 3 });
      counter.wait(3000);
      counter.badge("1024");
    },
  },
  ...PAUSES.map((reason) => ({
    name: `pause-to-approve-${reason}`,
    reach(counter: Counter) {
      counter.badge("1024");
      counter.say({ do: "waiting", count: 3 });
      counter.say({ do: "pause", reason });
    },
  })),
  ...PAUSES.slice(1).map((reason, i) => ({
    name: `pause-offered-${reason}`,
    reach(counter: Counter) {
      counter.badge("1024");
      counter.hold("pause");
      counter.wait((i + 1) * 1000);
    },
  })),
  {
    name: "pause-away",
    reach(counter) {
      counter.badge("1024");
      counter.press("pause");
    },
  },
  {
    name: "pause-lunch",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "pause", reason: "lunch" });
    },
  },
  {
    name: "pause-meeting-neighbour-open",
    config: BESIDE,
    reach(counter) {
      neighbour("open", counter);
      counter.badge("1024");
      counter.say({ do: "pause", reason: "meeting" });
    },
  },
  {
    name: "pause-meeting",
    reach(counter) {
      counter.badge("1024");
      counter.say({ do: "pause", reason: "meeting" });
    },
  },
  {
    name: "neighbour-paused",
    config: BESIDE,
    reach(counter) {
      neighbour("open", counter);
      counter.badge("1024");
      neighbour("paused", counter);
    },
  },
  {
    name: "neighbour-back",
    config: BESIDE,
    reach(counter) {
      counter.badge("1024");
      neighbour("paused", counter);
      neighbour("open", counter);
    },
  },
  {
    name: "neighbour-unattended",
    config: BESIDE,
    reach(counter) {
      counter.badge("1024");
      neighbour("paused", counter);
      neighbour("unattended", counter);
    },
  },
  {
    name: "neighbour-closed",
    config: BESIDE,
    reach(counter) {
      counter.badge("1024");
      neighbour("paused", counter);
      neighbour("closed", counter);
    },
  },
  {
    name: "key-test",
    reach: (counter) => void counter.say({ do: "selfTest" }),
  },
  {
    name: "key-test-two-left",
    reach(counter) {
      counter.say({ do: "selfTest" });
      for (const key of ["key1", "key2", "key4", "key5", "pause"] as const) counter.press(key);
    },
  },
  { name: "emergency", reach: (counter, language) => warn(0, counter, language) },
  { name: "emergency-long", reach: (counter, language) => warn(1, counter, language) },
  { name: "configuration-damaged", isDamaged: true, reach: () => undefined },
];

/** The whole configuration of a view. */
export function configOf(view: GalleryView, language: Language): Readonly<Record<string, unknown>> {
  return parseConfig({ version: 1, device: "gallery", counter: "8", language, ...view.config }) as unknown as Readonly<Record<string, unknown>>;
}
