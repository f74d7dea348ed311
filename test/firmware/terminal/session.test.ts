// The rules of the terminal, as tables: each event with the display and the effects that follow. Then properties that hold after any events.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Staff } from "../../../firmware/config/roster.js";
import { type LineName, PHRASE_LINES, type PhraseId } from "../../../firmware/display/phrases.js";
import { viewOf } from "../../../firmware/display/view.js";
import { numberOf } from "../../../firmware/input/debounce.js";
import { Outcome, RecordType } from "../../../firmware/ledger/records.js";
import { type Effect, EffectKind } from "../../../firmware/terminal/effects.js";
import { type Event, EventKind, KEY_INVITE } from "../../../firmware/terminal/events.js";
import { CHORD_MS, pressGrade } from "../../../firmware/terminal/session.js";
import { createState, Session, type State } from "../../../firmware/terminal/state.js";
import { isPauseLampLit, litLamps, nextDeadline, step } from "../../../firmware/terminal/step.js";
import { parseConfig } from "../../../firmware/tools/provision/config-schema.js";
import { storedConfig } from "../../../firmware/tools/provision/stored-config.js";
import type { KeyName } from "../../../hal/keys.js";
import { Lamp } from "../../../hal/lamps.js";
import { CLERK } from "../clerk.js";

const STAFF: Readonly<Record<string, Staff>> = Object.fromEntries(
  [
    { badge: "W26:1A2B3C", number: "1024", name: "Wang", post: "Desk", role: "clerk" as const },
    { badge: "W26:2C4D5E", number: "00010", name: "Ouyang", post: "Desk", role: "clerk" as const },
    { badge: "W26:0F0F0F", number: "9001", name: "Chen", post: "Lead", role: "supervisor" as const },
    { badge: "W26:ABCDEF", number: "7", name: "Li", post: "IT", role: "maintainer" as const },
    { badge: "W26:00DEAD", number: "13", name: "Zhao", post: "Desk", role: "clerk" as const, isRevoked: true },
    { badge: "W26:00CAFE", number: "14", name: "Qian", post: "Desk", role: "clerk" as const, counters: "7 18" },
  ].map((staff) => [staff.number, { ...CLERK, ...staff }]),
);

const TYPES: Readonly<Record<number, string>> = {
  [RecordType.SignIn]: "signIn",
  [RecordType.SignOut]: "signOut",
  [RecordType.Session]: "session",
  [RecordType.PauseBegan]: "pauseBegan",
  [RecordType.PauseEnded]: "pauseEnded",
  [RecordType.BadgeRefused]: "badgeRefused",
  [RecordType.FaultBegan]: "faultBegan",
  [RecordType.FaultEnded]: "faultEnded",
  [RecordType.NotInvited]: "notInvited",
  [RecordType.Reason]: "reason",
  [RecordType.Approved]: "approved",
  [RecordType.NotApproved]: "notApproved",
  [RecordType.Alert]: "alertRecord",
  [RecordType.Opened]: "opened",
  [RecordType.Ended]: "ended",
  [RecordType.Referred]: "referred",
};
const OUTCOMES: Readonly<Record<number, string>> = {
  [Outcome.Rated]: "rated",
  [Outcome.Timeout]: "timeout",
  [Outcome.Cancelled]: "cancelled",
  [Outcome.StaffLeft]: "staffLeft",
  [Outcome.Pending]: "pending",
};

function isAnswerLampLit(state: State, nowMs: number): boolean {
  return (litLamps(state, nowMs) & Lamp.Answer) > 0;
}

/** An effect in words: a sound or an alert by its name, a record by its type and its fields, `-` for an empty field, a begun record as `begin`. */
function wordsOf(effect: Effect): string {
  if (effect.kind === EffectKind.Sound) return `sound ${effect.cue}`;
  if (effect.kind === EffectKind.Alert) return `alert ${effect.alert} ${effect.detail}`;
  const fields = effect.fields.map((field, i) => (effect.type === RecordType.Session && i === 2 ? OUTCOMES[field as number] : field));
  return [effect.kind === EffectKind.Begin ? "begin" : TYPES[effect.type], ...fields.map((field) => (field === "" ? "-" : field))].join(" ");
}

/** `key1`, `invite`, `pause`, `host T-1`, `open T-1`, `finish`, `waiting 2`, `approve 9001`, `badge 1024`, `badge unknown`, `badge garbled`, `ledger fails`, `ledger works`, `time passes`. */
function eventOf(what: string, atMs: number): Event {
  const [kind, detail] = what.split(" ") as [string, string];
  if (kind === "badge" && detail === "garbled") return { kind: EventKind.BadgeGarbled, atMs };
  if (kind === "badge") return { kind: EventKind.BadgePresented, badge: STAFF[detail]?.badge ?? "W26:FFFFFF", staff: STAFF[detail], atMs };
  if (kind === "host") return { kind: EventKind.Commanded, command: { do: "invite", transaction: detail }, atMs };
  if (kind === "open") return { kind: EventKind.Commanded, command: { do: "open", transaction: detail }, atMs };
  if (kind === "finish") return { kind: EventKind.Commanded, command: { do: "finish" }, atMs };
  if (kind === "waiting") return { kind: EventKind.Commanded, command: { do: "waiting", count: Number(detail) }, atMs };
  if (kind === "approve") return { kind: EventKind.Commanded, command: { do: "approve", by: detail }, atMs };
  if (kind === "time") return { kind: EventKind.Woke, atMs };
  if (what === "ledger fails") return { kind: EventKind.FaultBegan, fault: "ledger", detail: "", atMs };
  if (what === "ledger works") return { kind: EventKind.FaultEnded, fault: "ledger", atMs };
  return { kind: EventKind.KeyPressed, key: numberOf(kind as KeyName), atMs };
}

/** Carries out an event as the terminal does. Before it come the wake-ups that the terminal asked for. A pressed key is let go at once. */
function happen(state: State, event: Event): Effect[] {
  const effects: Effect[] = [];
  let nowMs = -1;
  for (let deadlineMs = nextDeadline(state); deadlineMs < event.atMs; deadlineMs = nextDeadline(state)) {
    nowMs = Math.max(deadlineMs, nowMs);
    effects.push(...step(state, { kind: EventKind.Woke, atMs: deadlineMs }));
  }
  if (event.kind !== EventKind.KeyPressed) return [...effects, ...step(state, event)];
  effects.push(...step(state, { kind: EventKind.Woke, atMs: event.atMs }));
  const cue = event.key < KEY_INVITE && pressGrade(state, event.key, event.atMs);
  if (cue) effects.push({ kind: EffectKind.Sound, cue });
  effects.push(...step(state, event), ...step(state, { kind: EventKind.KeyReleased, key: event.key, atMs: event.atMs }));
  return effects;
}

/** The phrases on the display but for the complaint number, or the name of a layout without phrases. */
function seen(state: State, atMs: number): string {
  const [layout, ...texts] = viewOf(state, atMs);
  const phrases = texts.filter((text) => text.startsWith("@") && text !== "@complaint").map((text) => text.slice(1));
  return phrases.join(" ") || layout;
}

function start(fields: object = {}): State {
  return createState(storedConfig(parseConfig({ version: 1, device: "a", counter: "8", ...fields })));
}

/** Time in ms, event, display, and the effects in order. */
type Row = readonly [atMs: number, what: string, seen: string, ...effects: string[]];

function play(state: State, rows: readonly Row[]): Row[] {
  return rows.map(([atMs, what]) => {
    const effects = happen(state, eventOf(what, atMs)).map(wordsOf);
    return [atMs, what, seen(state, atMs), ...effects];
  });
}

const SIGNED_IN: Row = [0, "badge 1024", "card", "signIn 1024 W26:1A2B3C -", "sound signIn"];
const INVITED: Row = [1000, "invite", "invite", "begin 1024 -", "sound invite"];

const TABLES: Readonly<Record<string, readonly (readonly [title: string, rows: readonly Row[]])[]>> = {
  "A rating": [
    [
      "is written when no second key can follow any more, and only then thanked for",
      [
        SIGNED_IN,
        INVITED,
        [3000, "key1", "invite", "sound press"],
        [3059, "time passes", "invite"],
        [3060, "time passes", "thanks farewell", "session 1024 - rated 5 2000", "sound thanks"],
        [5999, "time passes", "thanks farewell"],
        [6000, "time passes", "card"],
      ],
    ],
    [
      "carries the transaction that the host named",
      [
        SIGNED_IN,
        [1000, "host T-2041", "invite", "begin 1024 T-2041", "sound invite"],
        [2000, "key5", "invite", "sound press"],
        [2060, "time passes", "thanks farewell", "session 1024 T-2041 rated 1 1000", "alert badRating 1024", "sound thanks"],
      ],
    ],
    [
      "is not changed by more presses, of the same key or another",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key1", "invite", "sound press"],
        [2059, "key1", "invite"],
        [2060, "key5", "thanks farewell", "session 1024 - rated 5 1000", "sound thanks"],
        [2500, "key4", "thanks farewell"],
        [9000, "key3", "afterInvite"],
      ],
    ],
    [
      "is what was pressed last when the invite came last: presses before it are discarded",
      [
        SIGNED_IN,
        [999, "key5", "afterInvite"],
        INVITED,
        [1001, "key1", "invite", "sound press"],
        [1061, "time passes", "thanks farewell", "session 1024 - rated 5 1 2", "sound thanks"],
      ],
    ],
    [
      "counts up to the last millisecond",
      [
        SIGNED_IN,
        INVITED,
        [30_999, "key2", "invite", "sound invite", "sound press"],
        [31_059, "time passes", "thanks farewell", "session 1024 - rated 4 29999", "sound thanks"],
      ],
    ],
    [
      "is thanked for as long for every grade: the next invite has to wait",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key3", "invite", "sound press"],
        [2060, "time passes", "thanks farewell", "session 1024 - rated 3 1000", "sound thanks"],
        [2500, "host T-2", "thanks farewell"],
        [4999, "invite", "thanks farewell", "sound refused"],
        [5000, "host T-2", "invite", "begin 1024 T-2", "sound invite"],
        [5500, "key2", "invite", "sound press"],
        [5560, "time passes", "thanks farewell", "session 1024 T-2 rated 4 500", "sound thanks"],
      ],
    ],
    [
      "is kept when the terminal comes round late, with the time of the press",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key4", "invite", "sound press"],
        [20_000, "invite", "invite", "session 1024 - rated 2 1000", "alert badRating 1024", "sound thanks", "begin 1024 -", "sound invite"],
      ],
    ],
  ],
  "Nobody pressing": [
    [
      "is reminded of once, and then a time-out without a grade, and no thanks",
      [
        SIGNED_IN,
        INVITED,
        [15_999, "time passes", "invite"],
        [16_000, "time passes", "invite", "sound invite"],
        [30_999, "time passes", "invite"],
        [31_000, "time passes", "card", "session 1024 - timeout 0 30000"],
      ],
    ],
    [
      "is a time-out also when the press comes in that very millisecond",
      [SIGNED_IN, INVITED, [31_000, "key1", "afterInvite", "sound invite", "session 1024 - timeout 0 30000"]],
    ],
    [
      "lets the clerk ask again",
      [
        SIGNED_IN,
        INVITED,
        [40_000, "invite", "invite", "sound invite", "session 1024 - timeout 0 30000", "begin 1024 -", "sound invite"],
        [70_000, "time passes", "card", "sound invite", "session 1024 - timeout 0 30000"],
      ],
    ],
  ],
  "Two keys at once": [
    [
      "count as none, and the prompt is repeated",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key1", "invite", "sound press"],
        [2059, "key5", "invite", "sound invite"],
        [2200, "time passes", "invite"],
        [31_000, "time passes", "card", "sound invite", "session 1024 - timeout 0 30000 1"],
      ],
    ],
    [
      "count as none with the third, and with every one that comes right after",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key1", "invite", "sound press"],
        [2030, "key2", "invite", "sound invite"],
        [2060, "key3", "invite", "sound invite"],
        [2119, "key1", "invite", "sound invite"],
        [2300, "time passes", "invite"],
      ],
    ],
    [
      "do not stop a press that comes after them",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key1", "invite", "sound press"],
        [2010, "key2", "invite", "sound invite"],
        [2070, "key2", "invite", "sound press"],
        [2130, "time passes", "thanks farewell", "session 1024 - rated 4 1070 1", "sound thanks"],
      ],
    ],
    [
      "60 ms apart are a press and nothing",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key4", "invite", "sound press"],
        [2060, "key1", "thanks farewell", "session 1024 - rated 2 1000", "alert badRating 1024", "sound thanks"],
      ],
    ],
    [
      "do not give more time",
      [
        SIGNED_IN,
        INVITED,
        [30_990, "key1", "invite", "sound invite", "sound press"],
        [31_010, "key2", "invite", "sound invite"],
        [31_010, "time passes", "card", "session 1024 - timeout 0 30000 1"],
      ],
    ],
    [
      "are no matter where one of them is the clerk's",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key1", "invite", "sound press"],
        [2010, "invite", "invite"],
        [2020, "pause", "approvalNeeded invite", "sound refused"],
        [2060, "time passes", "thanks farewell", "session 1024 - rated 5 1000", "sound thanks"],
      ],
    ],
  ],
  "An invite": [
    [
      "is not possible while nobody is on duty",
      [
        [1000, "invite", "closed nobodyOnDuty", "sound refused"],
        [1001, "host T-1", "closed nobodyOnDuty"],
        [1002, "key1", "closed nobodyOnDuty"],
      ],
    ],
    [
      "is not possible in a pause",
      [
        SIGNED_IN,
        [500, "pause", "away pleaseWait", "pauseBegan 1024 brief -", "sound apology"],
        [1000, "invite", "away pleaseWait", "sound refused"],
        [1001, "host T-1", "away pleaseWait"],
      ],
    ],
    [
      "is not possible while one is open, and does not prolong it: the first is the one reminder",
      [
        SIGNED_IN,
        INVITED,
        [10_000, "invite", "invite", "sound invite"],
        [20_000, "invite", "invite"],
        [20_001, "host T-1", "invite"],
        [31_000, "time passes", "card", "session 1024 - timeout 0 30000"],
      ],
    ],
    [
      "is not possible for a transaction that has its outcome, though the host repeats a command whose answer it did not hear",
      [
        SIGNED_IN,
        [1000, "host T-1", "invite", "begin 1024 T-1", "sound invite"],
        [2000, "key1", "invite", "sound press"],
        [2060, "time passes", "thanks farewell", "session 1024 T-1 rated 5 1000", "sound thanks"],
        [2500, "host T-1", "thanks farewell"],
        [9000, "host T-1", "rated", "sound refused"],
        [10_000, "host T-2", "invite", "begin 1024 T-2", "sound invite"],
      ],
    ],
    [
      "is possible once more for a transaction that timed out, marked, and then no more",
      [
        SIGNED_IN,
        [1000, "host T-1", "invite", "begin 1024 T-1", "sound invite"],
        [40_000, "host T-1", "invite", "sound invite", "session 1024 T-1 timeout 0 30000", "session 1024 T-1 pending 0 0 32 1024", "sound invite"],
        [80_000, "host T-1", "paperCard", "sound invite", "session 1024 T-1 timeout 0 30000 32", "sound refused"],
      ],
    ],
    [
      "asks about the matter that the host has opened, and one without an invite is recorded",
      [
        SIGNED_IN,
        [500, "open T-7", "welcome", "opened 1024 T-7", "sound welcome"],
        [1000, "invite", "invite", "begin 1024 T-7", "sound invite"],
        [2000, "key1", "invite", "sound press"],
        [6000, "finish", "card", "session 1024 T-7 rated 5 1000", "sound thanks", "ended 1024 T-7"],
        [7000, "open T-8", "welcome", "opened 1024 T-8", "sound welcome"],
        [8000, "finish", "welcome", "notInvited 1024 T-8"],
        [9000, "host T-8", "paperCard", "sound refused"],
      ],
    ],
    [
      "is not possible while the ledger is out of order, and the display says what to do",
      [
        SIGNED_IN,
        [500, "ledger fails", "paperCard"],
        [1000, "invite", "paperCard", "sound refused"],
        [1001, "key1", "paperCard"],
        [2000, "ledger works", "card", "faultEnded ledger -"],
        [2001, "ledger works", "card"],
        [3000, "invite", "invite", "begin 1024 -", "sound invite"],
      ],
    ],
  ],
  "A badge": [
    [
      "signs its clerk in, and out",
      [
        SIGNED_IN,
        [5000, "badge 1024", "closed nobodyOnDuty", "signOut 1024 - 0", "sound signOut"],
        [9000, "badge 1024", "card", "signIn 1024 W26:1A2B3C -", "sound signIn"],
      ],
    ],
    [
      "of another clerk takes over in one tap",
      [SIGNED_IN, [5000, "badge 00010", "card", "signOut 1024 00010 0", "signIn 00010 W26:2C4D5E -", "sound signIn"]],
    ],
    [
      "that is unknown is refused, and changes nothing else",
      [
        SIGNED_IN,
        [1000, "badge unknown", "badgeUnknown seeRoster", "badgeRefused W26:FFFFFF Unknown", "sound refused"],
        [3999, "time passes", "badgeUnknown seeRoster"],
        [4000, "time passes", "card"],
      ],
    ],
    [
      "of a supervisor never signs on duty",
      [
        [0, "badge 9001", "nothingAsked", "sound refused"],
        [3000, "invite", "closed nobodyOnDuty", "sound refused"],
      ],
    ],
    ["that is revoked is refused", [[0, "badge 13", "badgeRevoked seeRoster", "badgeRefused W26:00DEAD Revoked", "sound refused"]]],
    ["of another counter's clerk is refused", [[0, "badge 14", "badgeCounter seeRoster", "badgeRefused W26:00CAFE Counter", "sound refused"]]],
    ["of a maintainer never signs on duty", [[0, "badge 7", "badgeRole seeRoster", "badgeRefused W26:ABCDEF Role", "sound refused"]]],
    [
      "that could not be read is asked for again, and is no record",
      [
        [0, "badge garbled", "badgeAgain", "sound refused"],
        [3000, "time passes", "closed nobodyOnDuty"],
      ],
    ],
    [
      "that is refused never covers the citizen's prompt",
      [
        SIGNED_IN,
        INVITED,
        [1500, "badge unknown", "invite", "badgeRefused W26:FFFFFF Unknown", "sound refused"],
        [2000, "key1", "invite", "sound press"],
        [2060, "time passes", "thanks farewell", "session 1024 - rated 5 1000", "sound thanks"],
      ],
    ],
    [
      "of the clerk who leaves ends no rating, and only a supervisor does",
      [
        SIGNED_IN,
        INVITED,
        [4000, "badge 1024", "approvalNeeded invite", "sound refused"],
        [
          5000,
          "badge 9001",
          "closed nobodyOnDuty",
          "approved 9001 signOut -",
          "session 1024 - staffLeft 0 4000",
          "signOut 1024 - 0",
          "sound signOut",
        ],
        [5100, "key1", "closed nobodyOnDuty"],
      ],
    ],
    [
      "of the clerk who leaves right after the press does not take the press away",
      [
        SIGNED_IN,
        INVITED,
        [4000, "key5", "invite", "sound press"],
        [4059, "badge 1024", "approvalNeeded invite", "sound refused"],
        [4060, "time passes", "thanks farewell", "session 1024 - rated 1 3000", "alert badRating 1024", "sound thanks"],
      ],
    ],
    [
      "of the clerk who takes over lets the rating go on, and its record names both",
      [
        SIGNED_IN,
        INVITED,
        [4000, "badge 00010", "invite", "signOut 1024 00010 0", "signIn 00010 W26:2C4D5E -", "session 00010 - pending 0 0 0 1024", "sound signIn"],
        [5000, "key1", "invite", "sound press"],
        [5060, "time passes", "thanks farewell", "session 00010 - rated 5 4000 0 1024", "sound thanks"],
      ],
    ],
    [
      "does not end the thanks",
      [
        SIGNED_IN,
        INVITED,
        [2000, "key1", "invite", "sound press"],
        [2060, "time passes", "thanks farewell", "session 1024 - rated 5 1000", "sound thanks"],
        [3500, "badge 1024", "thanks farewell", "signOut 1024 - 0", "sound signOut"],
        [5000, "time passes", "closed nobodyOnDuty"],
      ],
    ],
    [
      "right after signing in does not sign out",
      [SIGNED_IN, [2999, "badge 1024", "card", "sound press"], [3000, "badge 1024", "closed nobodyOnDuty", "signOut 1024 - 0", "sound signOut"]],
    ],
    [
      "that is refused again is recorded once a minute",
      [
        [1000, "badge unknown", "badgeUnknown seeRoster", "badgeRefused W26:FFFFFF Unknown", "sound refused"],
        [31_000, "badge unknown", "badgeUnknown seeRoster", "sound refused"],
        [60_999, "badge 13", "badgeRevoked seeRoster", "badgeRefused W26:00DEAD Revoked", "sound refused"],
        [61_000, "badge unknown", "badgeUnknown seeRoster", "badgeRefused W26:FFFFFF Unknown", "sound refused"],
      ],
    ],
  ],
  "A pause": [
    [
      "begins and ends with its key, and its length is recorded in seconds",
      [
        SIGNED_IN,
        [1000, "pause", "away pleaseWait", "pauseBegan 1024 brief -", "sound apology"],
        [62_499, "pause", "card", "pauseEnded 1024 61 brief", "sound press"],
      ],
    ],
    ["is not possible while nobody is on duty", [[1000, "pause", "closed nobodyOnDuty", "sound refused"]]],
    [
      "that is asked for while a citizen is asked needs a supervisor, and lapses without one",
      [
        SIGNED_IN,
        INVITED,
        [1500, "pause", "approvalNeeded invite", "sound refused"],
        [16_000, "time passes", "approvalNeeded invite", "sound invite"],
        [16_500, "time passes", "invite", "notApproved 1024 pause brief", "sound refused"],
      ],
    ],
    [
      "that a supervisor's badge approves ends the rating without a grade, and its record names the supervisor",
      [
        SIGNED_IN,
        INVITED,
        [1500, "pause", "approvalNeeded invite", "sound refused"],
        [
          2000,
          "badge 9001",
          "away pleaseWait",
          "approved 9001 pause brief",
          "session 1024 - cancelled 0 1000",
          "pauseBegan 1024 brief 9001",
          "sound apology",
        ],
      ],
    ],
    [
      "that is asked for while citizens wait needs approval, and so does going",
      [
        SIGNED_IN,
        [500, "waiting 2", "card"],
        [1000, "pause", "approvalNeeded pause_brief presentBadge", "sound refused"],
        [2000, "approve 9001", "away pleaseWait", "approved 9001 pause brief", "pauseBegan 1024 brief 9001", "sound apology"],
        [4000, "badge 1024", "card", "pauseEnded 1024 2 brief", "sound signIn"],
        [7000, "badge 1024", "approvalNeeded signOut presentBadge", "sound refused"],
        [8000, "badge 9001", "closed nobodyOnDuty", "approved 9001 signOut -", "signOut 1024 - 0", "sound signOut"],
      ],
    ],
    [
      "that lasts too long is told to the supervisor at its limit, and every ten minutes after that",
      [
        SIGNED_IN,
        [1000, "pause", "away pleaseWait", "pauseBegan 1024 brief -", "sound apology"],
        [600_999, "time passes", "away pleaseWait"],
        [601_000, "time passes", "away pleaseWait", "alertRecord overrun 1024 brief 10", "alert overrun 1024 brief 10"],
        [1_201_000, "time passes", "away pleaseWait", "alertRecord overrun 1024 brief 20", "alert overrun 1024 brief 20"],
        [1_300_000, "pause", "card", "pauseEnded 1024 1299 brief", "sound press"],
      ],
    ],
    [
      "takes no grades",
      [SIGNED_IN, [1000, "pause", "away pleaseWait", "pauseBegan 1024 brief -", "sound apology"], [1500, "key1", "away pleaseWait"]],
    ],
    [
      "ends when its clerk presents the badge",
      [
        SIGNED_IN,
        [1000, "pause", "away pleaseWait", "pauseBegan 1024 brief -", "sound apology"],
        [9000, "badge 1024", "card", "pauseEnded 1024 8 brief", "sound signIn"],
        [12_000, "badge 1024", "closed nobodyOnDuty", "signOut 1024 - 0", "sound signOut"],
        [12_500, "badge 1024", "card", "signIn 1024 W26:1A2B3C -", "sound signIn"],
      ],
    ],
    [
      "ends when another clerk takes over",
      [
        SIGNED_IN,
        [1000, "pause", "away pleaseWait", "pauseBegan 1024 brief -", "sound apology"],
        [3000, "badge 00010", "card", "pauseEnded 1024 2 brief", "signOut 1024 00010 0", "signIn 00010 W26:2C4D5E -", "sound signIn"],
        [4000, "invite", "invite", "begin 00010 -", "sound invite"],
      ],
    ],
  ],
};

describe.each(Object.entries(TABLES))("%s", (_, tables) => {
  it.each(tables)("%s", (_, rows) => {
    expect(play(start(), rows)).toEqual(rows);
  });
});

describe("The keys from the left", () => {
  it.each([
    [
      [5, 4, 3, 2, 1],
      [5, 4, 3, 2, 1],
    ],
    [
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ],
    [
      [5, 3, 1],
      [5, 3, 1, undefined, undefined],
    ],
    [
      [5, 4, 2, 1],
      [5, 4, 2, 1, undefined],
    ],
  ])("mean %j", (grades, expected) => {
    const found = [1, 2, 3, 4, 5].map((key) => {
      const state = start({ grades });
      const rows = play(state, [SIGNED_IN, INVITED, [2000, `key${key}`, ""], [2060, "time passes", ""]]);
      return rows.flatMap((row) => row.filter((each) => String(each).startsWith("session"))).map((record) => Number(String(record).split(" ")[4]))[0];
    });
    expect(found).toEqual(expected);
  });

  it("that are not there do not disturb one that is", () => {
    const rows: Row[] = [
      SIGNED_IN,
      INVITED,
      [2000, "key3", "invite", "sound press"],
      [2010, "key5", "invite"],
      [2060, "time passes", "thanks farewell", "session 1024 - rated 1 1000", "alert badRating 1024", "sound thanks"],
    ];
    expect(play(start({ grades: [5, 3, 1] }), rows)).toEqual(rows);
  });
});

describe("Times come from the configuration", () => {
  it("for the citizen, the thanks and the notice", () => {
    const rows: Row[] = [
      SIGNED_IN,
      INVITED,
      [90_999, "key1", "invite", "sound invite", "sound press"],
      [91_059, "time passes", "thanks farewell", "session 1024 - rated 5 89999", "sound thanks"],
      [91_998, "time passes", "thanks farewell"],
      [91_999, "time passes", "card"],
      [100_000, "badge garbled", "badgeAgain", "sound refused"],
      [104_999, "time passes", "badgeAgain"],
      [105_000, "time passes", "card"],
    ];
    expect(play(start({ timeoutMs: 90_000, thanksMs: 1000, noticeMs: 5000 }), rows)).toEqual(rows);
  });
});

describe("A terminal whose configuration does not hold", () => {
  it("shows what is wrong, records it once, and does nothing else", () => {
    const state = start();
    const effects = step(state, { kind: EventKind.FaultBegan, fault: "config", detail: "quietMs: 5 to 100", atMs: 0 });
    expect(effects.map(wordsOf)).toEqual(["faultBegan config quietMs: 5 to 100"]);
    expect(viewOf(state, 0)).toEqual(["technical", "@configWrong", "quietMs", "5 to 100", "@callTechnician"]);
    for (const what of ["badge 1024", "badge unknown", "badge garbled", "invite", "pause", "key1", "host T-1", "time passes"]) {
      expect(happen(state, eventOf(what, 1000))).toEqual([]);
      expect(seen(state, 1000)).toBe("configWrong callTechnician");
      expect(isPauseLampLit(state)).toBe(true);
    }
  });
});

describe("The red light", () => {
  it.each<[string, readonly string[], boolean]>([
    ["is lit when the terminal starts", [], true],
    ["goes out when a clerk signs in", ["badge 1024"], false],
    ["is lit when another clerk has come, who pauses", ["badge 1024", "badge 00010", "pause"], true],
    ["is lit in a pause", ["badge 1024", "pause"], true],
    ["goes out when the pause ends", ["badge 1024", "pause", "pause"], false],
    ["stays out while a citizen is asked", ["badge 1024", "invite"], false],
    ["stays out when only the ledger is out of order: the paper card stands in", ["badge 1024", "ledger fails"], false],
    ["stays lit for a supervisor", ["badge 9001"], true],
  ])("%s", (_, events, isLit) => {
    const state = start();
    for (const [i, what] of events.entries()) happen(state, eventOf(what, i * 1000));
    expect(isPauseLampLit(state)).toBe(isLit);
  });
});

describe("A press that is handled late", () => {
  /** Clerk and citizen wait for the terminal: it is busy, and the events stand in its queue. */
  function invited(): State {
    const state = start();
    happen(state, eventOf("badge 1024", 0));
    happen(state, eventOf("host T-1", 10_000));
    return state;
  }

  it("rates nothing where it was before the invite", () => {
    const state = invited();
    // Pressed while the terminal was busy with the host's invite, which it handled before.
    expect(pressGrade(state, 1, 9_995)).toBe("");
    expect(step(state, { kind: EventKind.KeyPressed, key: 1, atMs: 9_995 })).toEqual([]);
    expect(happen(state, eventOf("key4", 12_000)).map(wordsOf)).toContain("sound press");
    expect(happen(state, eventOf("time passes", 12_100)).map(wordsOf)).toContain("session 1024 T-1 rated 2 2000");
  });

  it("is cancelled by a second key, although a command was handled in between, after the time of both", () => {
    const state = invited();
    expect(pressGrade(state, 1, 12_000)).toBe("press");
    step(state, { kind: EventKind.KeyPressed, key: 1, atMs: 12_000 });
    nextDeadline(state);
    expect(step(state, eventOf("waiting 2", 12_300)).map(wordsOf)).toEqual([]);
    nextDeadline(state);
    expect(pressGrade(state, 3, 12_040)).toBe("invite");
    expect(happen(state, eventOf("time passes", 12_500)).map(wordsOf)).toEqual([]);
  });
});

describe("The answer light", () => {
  it("is lit for half a second from a press on, whichever key it was, and not for a press that means nothing", () => {
    for (const key of ["key1", "key2", "key3", "key4", "key5"]) {
      const state = start();
      happen(state, eventOf("badge 1024", 0));
      happen(state, eventOf(key, 500));
      expect(isAnswerLampLit(state, 500)).toBe(false);
      happen(state, eventOf("invite", 1000));
      happen(state, eventOf(key, 2000));
      expect([1999, 2000, 2499, 2500].map((atMs) => atMs >= 2000 && isAnswerLampLit(state, atMs))).toEqual([false, true, true, false]);
      expect(nextDeadline(state)).toBe(2060);
      happen(state, eventOf("time passes", 2060));
      // The hint of the press before the invite ends.
      expect(nextDeadline(state)).toBe(2500);
      happen(state, eventOf("time passes", 2500));
      expect(nextDeadline(state)).toBe(5000);
    }
  });
});

describe("Whatever happens", () => {
  /** A time long after every deadline but those of a pause. */
  const END_MS = 4_000_000;
  const WHAT = [
    "key1",
    "key2",
    "key3",
    "key4",
    "key5",
    "invite",
    "invite",
    "host T-1",
    "host T-2",
    "pause",
    "badge 1024",
    "badge 00010",
    "badge 9001",
  ];
  const MORE = ["badge unknown", "badge garbled", "ledger fails", "ledger works", "time passes"];
  const gap = fc.oneof(fc.nat(70), fc.nat(2000), fc.nat(40_000));
  /** Mostly a clerk on duty and presses of citizens, so that there are sessions. */
  const story: fc.Arbitrary<Event[]> = fc
    .array(fc.tuple(gap, fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...WHAT) }, { weight: 1, arbitrary: fc.constantFrom(...MORE) })), {
      maxLength: 60,
      size: "max",
    })
    .map((parts) => {
      let atMs = 0;
      const events = [eventOf("badge 1024", 0)];
      for (const [gapMs, what] of parts) {
        atMs += gapMs;
        events.push(eventOf(what, atMs));
      }
      return events;
    });

  function recordsOf(effects: readonly Effect[]): string[] {
    return effects.filter((effect) => effect.kind === EffectKind.Append).map(wordsOf);
  }

  it("an invite has one outcome, of the clerk on the display, with a grade exactly where a key was pressed after the invite", () => {
    fc.assert(
      fc.property(story, (events) => {
        const state = start();
        let open: { by: string; transaction: string; pressed: Set<number> } | undefined;
        for (const event of [...events, eventOf("time passes", END_MS)]) {
          const staffBefore = state.clerk?.number;
          for (const effect of happen(state, event)) {
            if (effect.kind !== EffectKind.Append || effect.type !== RecordType.Session) continue;
            const [staff, transaction, outcome, grade, elapsedMs, , begunBy] = effect.fields as [
              string,
              string,
              Outcome,
              number,
              number,
              number?,
              string?,
            ];
            if (outcome === Outcome.Pending) {
              // The session goes on with another clerk, or begins for the second time.
              expect([staff, transaction, grade, elapsedMs]).toEqual([state.clerk?.number, state.transaction, 0, 0]);
              continue;
            }
            if (!open) throw new Error("an outcome without an invite");
            expect([begunBy ?? staff, transaction]).toEqual([open.by, open.transaction]);
            expect(staff).toBe(staffBefore);
            expect(elapsedMs).toBeGreaterThanOrEqual(0);
            expect(elapsedMs).toBeLessThanOrEqual(30_000);
            if (outcome === Outcome.Rated) expect(open.pressed).toContain(grade);
            else expect(grade).toBe(0);
            open = undefined;
          }
          const isOpen = state.session === Session.Open || state.session === Session.Pressed;
          if (isOpen && !open) {
            expect(event.kind === EventKind.Commanded || (event.kind === EventKind.KeyPressed && event.key === KEY_INVITE)).toBe(true);
            open = { by: state.clerk?.number as string, transaction: state.transaction, pressed: new Set() };
          }
          if (!isOpen && open) throw new Error("an invite without an outcome");
          if (open && event.kind === EventKind.KeyPressed && event.key < KEY_INVITE) open.pressed.add(5 - event.key);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("nothing at the counter shows which keys were pressed: display, lights, sounds and times are the same for every grade", () => {
    /** Display, sounds and lamps at the counter, and the records without the grade. Alerts go only to the supervisor. */
    const publicOf = (effects: readonly Effect[]) =>
      effects
        .filter((effect) => effect.kind !== EffectKind.Alert || effect.alert !== "badRating")
        .map((effect) =>
          effect.kind === EffectKind.Append && effect.type === RecordType.Session
            ? effect.fields.map((field, place) => (place === 3 ? Number(field) > 0 : field))
            : effect,
        );
    fc.assert(
      fc.property(story, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (events, order) => {
        const swapped = events.map((event): Event => {
          if (event.kind !== EventKind.KeyPressed || event.key >= KEY_INVITE) return event;
          return { ...event, key: order[event.key] as number };
        });
        const [one, other] = [start(), start()];
        events.forEach((event, i) => {
          expect(publicOf(happen(one, event))).toEqual(publicOf(happen(other, swapped[i] as Event)));
          expect(viewOf(one, event.atMs)).toEqual(viewOf(other, event.atMs));
          const lights = (state: State) => [isPauseLampLit(state), isAnswerLampLit(state, event.atMs), nextDeadline(state)];
          expect(lights(one)).toEqual(lights(other));
        });
      }),
      { numRuns: 200 },
    );
  });

  it("each phrase on the display is drawn for its line", () => {
    fc.assert(
      fc.property(story, (events) => {
        const state = start();
        for (const event of [...events, eventOf("time passes", END_MS)]) {
          happen(state, event);
          const [layout, ...texts] = viewOf(state, event.atMs);
          texts.forEach((text, i) => {
            const id = /^@(\w+)/.exec(text)?.[1] as PhraseId | undefined;
            const line: LineName = `${layout} ${(i + 1) as 1 | 2 | 3 | 4 | 5}`;
            if (id && !PHRASE_LINES[id].includes(line)) throw new Error(`PHRASE_LINES has no line "${line}" for ${id}`);
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("the records are the same however often the terminal is woken besides", () => {
    fc.assert(
      fc.property(story, fc.array(fc.nat(400_000), { maxLength: 40, size: "max" }), (events, wakes) => {
        const alone = start();
        const woken = start();
        const end = eventOf("time passes", END_MS);
        const all = [...events, ...wakes.map((atMs) => eventOf("time passes", atMs))].sort((a, b) => a.atMs - b.atMs);
        const expected = [...events, end].flatMap((event) => recordsOf(happen(alone, event)));
        expect([...all, end].flatMap((event) => recordsOf(happen(woken, event)))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("the terminal comes to rest: woken whenever it asks to be, it soon asks no more, unless a pause goes on", () => {
    fc.assert(
      fc.property(story, (events) => {
        const state = start();
        for (const event of events) happen(state, event);
        let nowMs = events[events.length - 1]?.atMs ?? 0;
        // A long pause raises an alert again and again.
        for (let wakes = 0; nextDeadline(state) < state.overrunAtMs; wakes++) {
          expect(wakes).toBeLessThan(8);
          nowMs = Math.max(nowMs, nextDeadline(state));
          step(state, eventOf("time passes", nowMs));
        }
        expect(state.session).toBe(Session.Idle);
      }),
    );
  });

  it("keys within 60 ms of each other never rate, however many they are", () => {
    const gapMs = fc.integer({ min: 0, max: CHORD_MS - 1 });
    const key = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(key, gapMs, fc.array(fc.tuple(gapMs, key), { maxLength: 8 }), (first, second, more) => {
        const state = start();
        happen(state, eventOf("badge 1024", 0));
        happen(state, eventOf("invite", 1000));
        let atMs = 2000;
        for (const [waitMs, pressed] of [[0, first], [second, (first % 5) + 1], ...more] as const) {
          atMs += waitMs;
          expect(recordsOf(happen(state, eventOf(`key${pressed}`, atMs)))).toEqual([]);
        }
        expect(recordsOf(happen(state, eventOf("time passes", atMs + CHORD_MS)))).toEqual([]);
        expect(seen(state, atMs + CHORD_MS)).toBe("invite");
      }),
    );
  });
});
