// Compares what the oracle says of a life with what a terminal states, and makes a life in which they differ as short as it gets.

import { type Fact, factWords, type Happening, type Life, lengthOf, timeOf, wordsOf } from "./life.js";
import { Oracle, type Saying } from "./oracle.js";
import { type Account, play } from "./terminal.js";

/** Terminal and oracle agree on the time of a fact to this. A badge takes 86 ms, and a key is let go 50 ms later. */
const TOLERANCE_MS = 400;
/** Fields that are measured in time, and how far they may be apart. */
const MEASURED: Readonly<Record<string, number>> = { elapsedMs: TOLERANCE_MS, seconds: 2, lateSeconds: 1 };
/** Least time between the end of a happening and the next one. */
const GAP_MS = 1300;
/** How often happenings are moved until none is in a race with the rules. */
const MOST_MOVES = 200;

/** The kinds of facts that the oracle states. It says nothing of others. */
const STATED = new Set([
  "answer",
  "alert",
  ...[
    "signIn",
    "signOut",
    "arrival",
    "session",
    "pauseBegan",
    "pauseEnded",
    "badgeRefused",
    "notInvited",
    "opened",
    "ended",
    "reason",
    "approved",
    "attended",
    "referred",
    "card",
    "voided",
  ].map((type) => `record ${type}`),
  "record notApproved",
  "record alert",
  "sound welcome",
  "sound waited",
]);

/** A line of the account of both. `by`: who states it. */
interface Line {
  readonly atMs: number;
  readonly by: "both" | "oracle" | "terminal";
  readonly what: string;
  readonly words: string;
}

/**
 * Moves happenings so that each has ended before the next one, and none is in a race with a moment of the rules. A life ends where the rules leave open what comes
 * of a happening.
 */
export function settled(life: Life): { life: Life; saying: Saying } {
  let happenings = spaced(life.happenings);
  for (let moves = 0; ; moves++) {
    const moved = { ...life, happenings };
    const saying = new Oracle(moved).say();
    const { tight, undecided } = saying;
    if (undecided !== undefined) {
      happenings = happenings.slice(0, undecided);
      continue;
    }
    if (tight.size === 0 || moves === MOST_MOVES) return { life: moved, saying };
    happenings = spaced(happenings.map((happening, i) => (tight.has(i) ? { ...happening, atMs: happening.atMs + GAP_MS } : happening)));
  }
}

function spaced(happenings: readonly Happening[]): Happening[] {
  let freeMs = 0;
  return happenings.map((happening) => {
    let atMs = Math.max(happening.atMs, freeMs);
    // The host tells the time in whole seconds.
    if (happening.what === "clock") atMs = Math.ceil(atMs / 1000) * 1000;
    freeMs = atMs + lengthOf(happening) + GAP_MS;
    return atMs === happening.atMs ? happening : { ...happening, atMs };
  });
}

/** Everything that oracle and terminal say of a life, in order of time. */
function compared(saying: Saying, account: Account): Line[] {
  const lines: Line[] = [];
  const open = account.facts.filter(({ what, atMs, fields }) => {
    const isBlurred = saying.blurs.some(({ name, fromMs, toMs }) => fields.alert === name && atMs >= fromMs && atMs <= toMs + TOLERANCE_MS);
    return STATED.has(what) && !isBlurred;
  });
  const isTaken = new Array<boolean>(open.length).fill(false);
  for (const said of saying.facts) {
    const place = open.findIndex((found, i) => !isTaken[i] && agree(said, found));
    if (place >= 0) isTaken[place] = true;
    if (place >= 0 || !said.isOptional)
      lines.push({ atMs: said.atMs, by: place < 0 ? "oracle" : "both", what: said.what, words: factWords(place < 0 ? said : (open[place] as Fact)) });
  }
  open.forEach((found, i) => {
    if (!isTaken[i]) lines.push({ atMs: found.atMs, by: "terminal", what: found.what, words: factWords(found) });
  });
  saying.looks.forEach(({ atMs, isPauseLit, shows }, i) => {
    const sight = account.sights[i];
    if (sight && !sight.isShown)
      lines.push({ atMs, by: "oracle", what: "text", words: `the display shows ${shows?.join(" and ")}, and has not got it` });
    if (isPauseLit === undefined || !sight || isPauseLit === sight.isPauseLit) return;
    lines.push({
      atMs,
      by: "oracle",
      what: "light",
      words: `the pause light is ${isPauseLit ? "lit" : "dark"}, and not ${isPauseLit ? "dark" : "lit"}`,
    });
  });
  return lines.sort((a, b) => a.atMs - b.atMs);
}

function agree(said: Fact, found: Fact): boolean {
  if (said.what !== found.what || found.atMs < said.fromMs - TOLERANCE_MS || found.atMs > said.atMs + TOLERANCE_MS) return false;
  return Object.entries(said.fields).every(([name, value]) => {
    // A field at the end of a record that is left out is 0 or empty.
    const other = found.fields[name] ?? (typeof value === "number" ? 0 : "");
    const most = MEASURED[name];
    return most === undefined ? other === value : Math.abs(Number(other) - Number(value)) <= most;
  });
}

/** What differs in a life, or undefined where oracle and terminal agree. */
export function differenceIn(given: Life): { kind: string; story: string; happenings: readonly Happening[] } | undefined {
  const { life, saying } = settled(given);
  if (saying.tight.size > 0) return undefined;
  let account: Account;
  try {
    account = play(life, saying.looks);
  } catch (error) {
    return { kind: "error", story: `${storyOf(life, [])}\n${(error as Error).stack ?? String(error)}`, happenings: life.happenings };
  }
  const lines = compared(saying, account);
  const first = lines.find(({ by }) => by !== "both");
  return first && { kind: `${first.by} ${first.what}`, story: storyOf(life, lines), happenings: life.happenings };
}

/** A life as a readable list, with the answers of both. */
function storyOf(life: Life, lines: readonly Line[]): string {
  const marks = { both: "  =", oracle: "  - the oracle alone:  ", terminal: "  + the terminal alone:" };
  const rows = [
    ...life.happenings.map((happening) => ({ atMs: happening.atMs, order: 0, words: wordsOf(happening) })),
    ...lines.map(({ atMs, by, words }) => ({ atMs, order: 1, words: `${marks[by]} ${words}` })),
  ];
  rows.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
  const hall = JSON.stringify(life.hall);
  return [`from ${life.date}, ${hall}`, ...rows.map(({ atMs, words }) => `${timeOf(life, atMs)}  ${words}`)].join("\n");
}

/** The shortest life that still has a difference of this kind: without each happening, and without longer and longer parts. */
export function shrunk(given: Life, kind: string): Life {
  let life = given;
  for (let size = Math.ceil(life.happenings.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = life.happenings.length - size; at >= 0; at -= size) {
      const shorter = { ...life, happenings: [...life.happenings.slice(0, at), ...life.happenings.slice(at + size)] };
      if (differenceIn(shorter)?.kind === kind) life = shorter;
      at = Math.min(at, life.happenings.length);
    }
  }
  return life;
}
