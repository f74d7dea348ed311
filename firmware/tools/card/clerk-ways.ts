// The clerk's ways: what each press and each badge does in each state of the terminal. RULES.md and the clerk's card have their tables from here, and a test plays every
// cell of them on the simulator.

/** Words in English and Chinese. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** What a clerk can do at the terminal, in the order of the columns. `group` is the part that is used. */
export const GESTURES = {
  invite: { group: "invite", en: "short", zh: "短按" },
  inviteLong: { group: "invite", en: "long", zh: "长按" },
  inviteTwice: { group: "invite", en: "double", zh: "连按两下" },
  pause: { group: "pause", en: "short", zh: "短按" },
  pauseLong: { group: "pause", en: "long", zh: "长按" },
  pauseTwice: { group: "pause", en: "double", zh: "连按两下" },
  both: { group: "both", en: "together", zh: "同时按" },
  badge: { group: "badge", en: "own", zh: "本人" },
  otherBadge: { group: "badge", en: "another clerk's", zh: "其他人员" },
  supervisor: { group: "badge", en: "supervisor's", zh: "首席代表" },
} as const satisfies Readonly<Record<string, Words & { readonly group: Group }>>;

export type Group = keyof typeof GROUPS;
export type Gesture = keyof typeof GESTURES;

/** The parts that a clerk uses. */
export const GROUPS = {
  invite: { en: "invite key", zh: "邀请键" },
  pause: { en: "pause key", zh: "暂停键" },
  both: { en: "both keys", zh: "两键" },
  badge: { en: "badge", zh: "工牌" },
} as const satisfies Readonly<Record<string, Words>>;

/** The states of the terminal in which presses mean different things, in the order of the rows. */
export const STATES = {
  nobody: { en: "nobody on duty", zh: "无人在岗" },
  before: { en: "before opening", zh: "开门前（准备中）" },
  idle: { en: "on duty, idle", zh: "在岗，空闲" },
  matter: { en: "a matter is open, or citizens wait", zh: "办件未结，或有人等候" },
  asked: { en: "a citizen is asked", zh: "正在请群众评价" },
  thanks: { en: "thanks", zh: "正在致谢" },
  reasons: { en: "a reason is offered", zh: "群众正选原因" },
  paused: { en: "paused", zh: "暂停中" },
  wish: { en: "a wish waits for approval", zh: "申请待批准" },
  neighbour: { en: "a neighbour's notice is shown", zh: "显示邻窗通知" },
  emergency: { en: "emergency", zh: "紧急通知" },
  paper: { en: "out of order: paper card", zh: "故障：请使用评议卡" },
  config: { en: "out of order: configuration", zh: "故障：配置错误" },
  keyTest: { en: "key test", zh: "按键自检" },
} as const satisfies Readonly<Record<string, Words>>;

export type StateName = keyof typeof STATES;

/** What the terminal answers: in a cell of the table, and at length in English. */
export const ANSWERS = {
  asks: { en: "asks", zh: "请群众评价", says: "the display asks the citizen, with a sound" },
  asksTwice: { en: "asks, reminds", zh: "请评价并提醒", says: "asks; the second press is the one reminder" },
  asksLong: { en: "asks, long time", zh: "请评价并加时", says: "asks; a click says that this citizen has the long time" },
  reminds: { en: "reminds", zh: "提醒一次", says: "repeats the sound once. Any further press is in vain, and silent, as it would be nagging" },
  remindsLong: { en: "reminds, long time", zh: "提醒并加时", says: "reminds; a click says that this citizen has the long time" },
  refuses: { en: "no", zh: "无效", says: "the sound of a refusal; the display says what stands in the way" },
  pauses: {
    en: "pauses",
    zh: "暂停",
    says: "暂时离开, with the red light and a sound. Before opening 准备中 stays. A neighbour's notice that is shown counts as seen",
  },
  pausesFor: {
    en: "pauses, reason",
    zh: "选原因，暂停",
    says: "offers a reason a second, where nothing more urgent is shown, each with a click unless a citizen is asked or thanked or gives a reason; letting go takes it",
  },
  pausesAndEnds: { en: "pauses, ends it", zh: "暂停又恢复", says: "the first press pauses, the second ends the pause with a click" },
  ends: { en: "ends the pause", zh: "恢复服务", says: "the red light goes out, with a sound" },
  endsAndPauses: { en: "ends it, pauses", zh: "恢复又暂停", says: "the first press ends the pause, the second begins another" },
  asksLeave: { en: "needs approval", zh: "须批准", says: "the sound of a refusal, and 需要批准: a supervisor has 15 s" },
  asksLeaveAndBack: {
    en: "needs approval, takes it back",
    zh: "申请又撤回",
    says: "the first press asks a supervisor, the second takes the wish back with a click",
  },
  takesBack: { en: "takes it back", zh: "撤回申请", says: "a click; the wish is recorded as not approved" },
  takesBackAndAsks: { en: "takes it back, needs approval", zh: "撤回再申请", says: "takes the wish back, and asks for approval anew" },
  asksToGo: {
    en: "needs approval to go",
    zh: "签退须批准",
    says: "as for a pause, for a sign-out. A pause that was asked for is recorded as not approved",
  },
  signsOut: { en: "signs out", zh: "签退", says: "a falling sound; nobody is on duty" },
  signsIn: { en: "signs in", zh: "签到", says: "a rising sound, and the staff card" },
  takesOver: { en: "takes over", zh: "接班", says: "signs the first clerk out and this one in; what is open stays open" },
  approves: { en: "approves", zh: "批准", says: "carries out the wish" },
  nothingAsked: { en: "nothing to approve", zh: "无待批事项", says: "the sound of a refusal, and 无待批事项 where nothing more urgent is shown" },
  seen: { en: "is seen", zh: "已检到", says: "a click and the white light; the number of the key goes" },
  silent: { en: "nothing", zh: "无反应", says: "nothing works: the display says what is wrong, and to call the technician" },
} as const satisfies Readonly<Record<string, Words & { readonly says: string }>>;

export type Answer = keyof typeof ANSWERS;

/** The answers of a state, in the order of the gestures: three of the invite key, three of the pause key, one of both, three of badges. */
type Row = readonly [Answer, Answer, Answer, Answer, Answer, Answer, Answer, Answer, Answer, Answer];

const ROWS: Readonly<Record<StateName, Row>> = {
  nobody: ["refuses", "refuses", "refuses", "refuses", "refuses", "refuses", "refuses", "signsIn", "signsIn", "nothingAsked"],
  before: ["refuses", "refuses", "refuses", "pauses", "pausesFor", "pausesAndEnds", "signsOut", "signsOut", "takesOver", "nothingAsked"],
  idle: ["asks", "asksLong", "asksTwice", "pauses", "pausesFor", "pausesAndEnds", "signsOut", "signsOut", "takesOver", "nothingAsked"],
  matter: ["asks", "asksLong", "asksTwice", "asksLeave", "asksLeave", "asksLeaveAndBack", "asksToGo", "asksToGo", "takesOver", "nothingAsked"],
  asked: ["reminds", "remindsLong", "reminds", "asksLeave", "asksLeave", "asksLeaveAndBack", "asksToGo", "asksToGo", "takesOver", "nothingAsked"],
  thanks: ["refuses", "refuses", "refuses", "pauses", "pausesFor", "pausesAndEnds", "signsOut", "signsOut", "takesOver", "nothingAsked"],
  reasons: ["asks", "asksLong", "asksTwice", "pauses", "pausesFor", "pausesAndEnds", "signsOut", "signsOut", "takesOver", "nothingAsked"],
  paused: ["refuses", "refuses", "refuses", "ends", "ends", "endsAndPauses", "signsOut", "ends", "takesOver", "nothingAsked"],
  wish: ["asks", "asksLong", "asksTwice", "takesBack", "takesBack", "takesBackAndAsks", "asksToGo", "asksToGo", "takesOver", "approves"],
  neighbour: ["asks", "asksLong", "asksTwice", "pauses", "pausesFor", "pausesAndEnds", "signsOut", "signsOut", "takesOver", "nothingAsked"],
  emergency: ["refuses", "refuses", "refuses", "pauses", "pausesFor", "pausesAndEnds", "signsOut", "signsOut", "takesOver", "nothingAsked"],
  paper: ["refuses", "refuses", "refuses", "pauses", "pausesFor", "pausesAndEnds", "signsOut", "signsOut", "takesOver", "nothingAsked"],
  config: ["silent", "silent", "silent", "silent", "silent", "silent", "silent", "silent", "silent", "silent"],
  keyTest: ["seen", "seen", "seen", "seen", "seen", "seen", "seen", "signsOut", "takesOver", "nothingAsked"],
};

export const STATE_NAMES = Object.keys(STATES) as readonly StateName[];
export const GESTURE_NAMES = Object.keys(GESTURES) as readonly Gesture[];

/** What a gesture does in a state. */
export function answerTo(state: StateName, gesture: Gesture): Answer {
  return ROWS[state][GESTURE_NAMES.indexOf(gesture)] as Answer;
}

/** The two tables of RULES.md, in Markdown: the answer to each gesture in each state, and what each answer is. */
export function waysInMarkdown(): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const heads = GESTURE_NAMES.map((name) => `${GROUPS[GESTURES[name].group].en}, ${GESTURES[name].en}`);
  const ways = STATE_NAMES.map((state) => row([STATES[state].en, ...GESTURE_NAMES.map((gesture) => ANSWERS[answerTo(state, gesture)].en)]));
  const meanings = Object.values(ANSWERS).map(({ en, zh, says }) => row([en, zh, says]));
  return [
    row(["", ...heads]),
    `${"|---".repeat(heads.length + 1)}|`,
    ...ways,
    "",
    row(["answer", "on the card", "what that is"]),
    "|---|---|---|",
    ...meanings,
    "",
  ].join("\n");
}
