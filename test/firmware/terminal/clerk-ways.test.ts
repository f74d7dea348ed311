// The clerk's ways: every cell of the table in RULES.md is played on the simulator, on the sources and on the bundle of a Pico. Each press is answered.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import {
  type Answer,
  answerTo,
  GESTURE_NAMES,
  type Gesture,
  STATE_NAMES,
  type StateName,
  waysInMarkdown,
} from "../../../firmware/tools/card/clerk-ways.js";
import { enginesFor } from "../../../sim/engines/index.js";
import { compareTraces, loadScenario, runScenario } from "../../../sim/scenario/scenario.js";

type Steps = readonly Readonly<Record<string, unknown>>[];

/** How a state comes about. */
interface Arrangement {
  readonly steps: Steps;
  /** What the display says in it. */
  readonly says: readonly string[];
  /** The terminal shows this whatever the clerk does: only sounds, lights and records answer. */
  readonly stays?: true;
  readonly config?: object;
  readonly storage?: object;
}

const ON_DUTY: Steps = [{ wait: "1 s" }, { badge: "王小明" }, { wait: "4 s" }];
const ASKED: Steps = [...ON_DUTY, { key: "invite" }, { wait: "1 s" }];
const say = (message: object): Readonly<Record<string, unknown>> => ({ host: { message: { id: "x1", ...message } } });
const CARD = ["1024", "王小明", "综合受理"];

const ARRANGEMENTS: Readonly<Record<StateName, readonly Arrangement[]>> = {
  nobody: [{ steps: [{ wait: "1 s" }], says: ["暂停服务", "无人在岗"] }],
  before: [
    {
      config: { hours: Array<string>(7).fill("0830-1700") },
      steps: [{ wait: "1 s" }, { host: { time: "2026-03-02T08:00:00+08:00" } }, ...ON_DUTY],
      says: ["准备中", "08:30开始服务"],
    },
  ],
  idle: [{ steps: ON_DUTY, says: CARD }],
  matter: [
    { steps: [...ON_DUTY, say({ do: "open", transaction: "T-1" }), { wait: "4 s" }], says: CARD },
    { steps: [...ON_DUTY, say({ do: "waiting", count: 2 }), { wait: "1 s" }], says: CARD },
  ],
  asked: [{ steps: ASKED, says: ["请对我的服务", "做出评价"], stays: true }],
  thanks: [{ steps: [...ASKED, { key: "key1" }, { wait: "300 ms" }], says: ["谢谢", "您慢走"], stays: true }],
  reasons: [{ config: { reasons: [213, 214] }, steps: [...ASKED, { key: "key1" }, { wait: "4 s" }], says: ["请选择原因，可不选", "1 业务不熟练"] }],
  paused: [{ steps: [...ON_DUTY, { key: "pause" }, { wait: "4 s" }], says: ["暂时离开", "请稍候"] }],
  wish: [{ steps: [...ON_DUTY, say({ do: "waiting", count: 1 }), { key: "pause" }, { wait: "1 s" }], says: ["需要批准", "短暂离开"] }],
  neighbour: [
    {
      config: { neighbours: ["9"] },
      steps: [...ON_DUTY, say({ do: "neighbour", counter: "9", state: "paused" }), { wait: "1 s" }],
      says: ["9号窗口暂停", "邻窗"],
    },
  ],
  emergency: [
    {
      steps: [...ON_DUTY, { host: { signed: { id: "x1", do: "emergency", text64: Buffer.from("火警").toString("base64") } } }, { wait: "1 s" }],
      says: ["紧急通知", "火警"],
      stays: true,
    },
  ],
  paper: [{ steps: [...ON_DUTY, { "key-down": "key1" }, { wait: "25 s" }], says: ["请使用", "评议卡"] }],
  config: [{ storage: { config: "damaged" }, steps: [{ wait: "2 s" }], says: ["配置错误", "请联系维护人员"], stays: true }],
  keyTest: [{ steps: [...ON_DUTY, say({ do: "selfTest" }), { wait: "1 s" }], says: ["按键自检", "请逐个按键"], stays: true }],
};

const PLAYED: Readonly<Record<Gesture, Steps>> = {
  invite: [{ key: "invite" }],
  inviteLong: [{ key: "invite", hold: "1200 ms" }],
  inviteTwice: [{ key: "invite" }, { wait: "400 ms" }, { key: "invite" }],
  pause: [{ key: "pause" }],
  pauseLong: [{ key: "pause", hold: "1500 ms" }],
  pauseTwice: [{ key: "pause" }, { wait: "400 ms" }, { key: "pause" }],
  both: [{ keys: ["pause", "invite"], gap: "50 ms", hold: "200 ms" }],
  badge: [{ badge: "王小明" }],
  otherBadge: [{ badge: "欧阳静怡" }],
  supervisor: [{ badge: "陈敏" }],
};

/** What is heard, shown, lit and recorded. What is missing is as before: dark is dark. */
interface Proof {
  readonly sound: readonly string[];
  readonly shows?: readonly string[];
  readonly red?: "lit" | "dark";
  readonly records?: readonly object[];
}

const PROMPT = ["请对我的服务", "做出评价"];
const pauseBegan = (reason: string): object => ({ type: "pauseBegan", staff: "1024", reason });
const PAUSE_ENDED = { type: "pauseEnded", staff: "1024" };
const NOT_APPROVED = { type: "notApproved", staff: "1024" };
/** The beginning of a session's record becomes a record of its own when another one follows. */
const PENDING = { type: "session", outcome: "pending" };
const TAKEN_OVER = [
  { type: "signOut", staff: "1024", relievedBy: "00010" },
  { type: "signIn", staff: "00010" },
];
const LONG = { ...PENDING, suspect: 128 };

const PROOFS: Readonly<Record<Answer, Proof>> = {
  asks: { sound: ["invite"], shows: PROMPT },
  asksTwice: { sound: ["invite", "invite"], shows: PROMPT },
  asksLong: { sound: ["invite", "press"], shows: PROMPT, records: [PENDING, LONG] },
  reminds: { sound: ["invite"] },
  remindsLong: { sound: ["invite", "press"], records: [PENDING, LONG] },
  refuses: { sound: ["refused"] },
  pauses: { sound: ["apology"], shows: ["暂时离开", "请稍候"], red: "lit", records: [pauseBegan("brief")] },
  pausesFor: { sound: ["press", "apology"], shows: ["暂时离开", "请稍候"], red: "lit", records: [pauseBegan("restroom")] },
  pausesAndEnds: { sound: ["apology", "press"], red: "dark", records: [pauseBegan("brief"), PAUSE_ENDED] },
  ends: { sound: ["press"], shows: CARD, red: "dark", records: [PAUSE_ENDED] },
  endsAndPauses: { sound: ["press", "apology"], red: "lit", records: [PAUSE_ENDED, pauseBegan("brief")] },
  asksLeave: { sound: ["refused"], shows: ["需要批准"], red: "dark" },
  asksLeaveAndBack: { sound: ["refused", "press"], red: "dark", records: [NOT_APPROVED] },
  takesBack: { sound: ["press"], shows: CARD, red: "dark", records: [NOT_APPROVED] },
  takesBackAndAsks: { sound: ["press", "refused"], shows: ["需要批准", "短暂离开"], red: "dark", records: [NOT_APPROVED] },
  asksToGo: { sound: ["refused"], shows: ["需要批准", "签退"], red: "dark" },
  signsOut: { sound: ["signOut"], shows: ["无人在岗"], red: "lit", records: [{ type: "signOut", staff: "1024" }] },
  signsIn: { sound: ["signIn"], red: "dark", records: [{ type: "signIn" }] },
  takesOver: {
    sound: ["signIn"],
    shows: ["00010"],
    red: "dark",
    records: TAKEN_OVER,
  },
  approves: {
    sound: ["apology"],
    shows: ["暂时离开"],
    red: "lit",
    records: [{ type: "approved", supervisor: "9001", what: "pause" }, pauseBegan("brief")],
  },
  nothingAsked: { sound: ["refused"], shows: ["无待批事项"] },
  seen: { sound: ["press"] },
  silent: { sound: [] },
};

const SIGNED_OUT = { ...PROOFS.signsOut, shows: ["准备中"], red: "dark" } as const;

/** Where the state adds something to an answer. */
const BESIDES: { readonly [cell: string]: Partial<Proof> } = {
  "nobody badge": { shows: CARD },
  "nobody otherBadge": { shows: ["00010", "欧阳静怡"] },
  "before both": SIGNED_OUT,
  "before badge": SIGNED_OUT,
  "before otherBadge": { shows: ["准备中"] },
  "before pause": { shows: ["准备中", "08:30开始服务"] },
  "before pauseLong": { shows: ["准备中", "08:30开始服务"] },
  "asked pause": { shows: ["需要批准", ...PROMPT] },
  "asked badge": { shows: ["需要批准", ...PROMPT] },
  "asked pauseTwice": { records: [PENDING, NOT_APPROVED] },
  "asked otherBadge": { shows: ["00010", ...PROMPT], records: [PENDING, ...TAKEN_OVER, { ...PENDING, staff: "00010", begunBy: "1024" }] },
  // A citizen who is asked, thanked or gives a reason hears no clicks of the clerk's key.
  "matter pauseLong": { sound: ["press", "refused"] },
  "thanks pauseLong": { sound: ["apology"] },
  "reasons pauseLong": { sound: ["apology"] },
  "reasons pauseTwice": { shows: CARD },
  "neighbour pauseTwice": { shows: CARD },
  "reasons otherBadge": { shows: ["请选择原因，可不选"] },
  "reasons supervisor": { shows: ["请选择原因，可不选"] },
  "paused both": { sound: ["signOut"], records: [PAUSE_ENDED, { type: "signOut", staff: "1024" }] },
  "paused badge": { sound: ["signIn"] },
  "paused otherBadge": { records: [PAUSE_ENDED, ...TAKEN_OVER] },
  "wish both": { sound: ["refused"], records: [NOT_APPROVED] },
  "wish badge": { records: [NOT_APPROVED] },
  "wish otherBadge": { records: [NOT_APPROVED, ...TAKEN_OVER] },
  "neighbour otherBadge": { shows: ["9号窗口暂停"] },
  "keyTest both": { sound: ["press", "press"] },
};

/** Answers to each single press: two presses bring two. */
const SINGLE: readonly Answer[] = ["refuses", "seen"];

function proofOf(state: StateName, gesture: Gesture, arrangement: Arrangement): Required<Proof> {
  const answer = answerTo(state, gesture);
  const besides = BESIDES[`${state} ${gesture}`];
  const proof = { ...PROOFS[answer], ...besides };
  const isTwice = SINGLE.includes(answer) && gesture.endsWith("Twice");
  return {
    sound: isTwice ? [...proof.sound, ...proof.sound] : proof.sound,
    shows: besides?.shows ?? ((!arrangement.stays && proof.shows) || arrangement.says),
    red: proof.red ?? (state === "nobody" || state === "paused" || state === "config" ? "lit" : "dark"),
    records: proof.records ?? [],
  };
}

function scenarioOf(state: StateName, gesture: Gesture, { config = {}, storage = {}, steps, says, ...rest }: Arrangement): string {
  const { sound, shows, red, records } = proofOf(state, gesture, { config, storage, steps, says, ...rest });
  return stringify({
    title: `${gesture} in the state ${state}`,
    proves: "R5",
    config,
    storage,
    steps: [
      ...steps,
      { expect: { display: says } },
      ...PLAYED[gesture],
      { wait: "800 ms" },
      { expect: { "sound": sound.length ? sound : "none", "display": shows, "lamp": { pause: red }, "records-added": records } },
    ],
  });
}

const cells = STATE_NAMES.flatMap((state) => GESTURE_NAMES.map((gesture) => [state, gesture] as const));

describe.each(cells)("In the state %s, what the clerk does by %s", (state, gesture) => {
  it(`is answered: ${answerTo(state, gesture)}`, async () => {
    for (const arrangement of ARRANGEMENTS[state]) {
      const scenario = loadScenario(scenarioOf(state, gesture, arrangement), `${state} ${gesture}`);
      const { engines } = await enginesFor(scenario.board, "node");
      const { engines: bundles } = await enginesFor(scenario.board, "bundle");
      const [node, bundle] = [...engines, ...bundles].map((engine) => ({ name: engine.name, ...runScenario(scenario, engine) }));
      expect(node?.failures.join("\n\n")).toBe("");
      expect(node && bundle && compareTraces(node, bundle)).toBeUndefined();
      expect(bundle?.name).toBe("bundle");
    }
  });
});

it("every press and badge is answered by a sound or by other words, but for one that reminds again and where the configuration is wrong", () => {
  const unanswered = cells.filter(([state, gesture]) => {
    const [arrangement] = ARRANGEMENTS[state] as [Arrangement];
    const { sound, shows } = proofOf(state, gesture, arrangement);
    return sound.length < (gesture.endsWith("Twice") ? 2 : 1) && shows.join() === arrangement.says.join();
  });
  expect(unanswered.filter(([state]) => state !== "config")).toEqual([["asked", "inviteTwice"]]);
});

it("RULES.md has the tables of the clerk's ways", () => {
  expect(readFileSync("firmware/terminal/RULES.md", "utf8")).toContain(waysInMarkdown());
});
