// Connects the parts: events go in, `step` decides, effects are carried out, in this order: lamps and sounds that answer at once, records into
// flash, and only then what the public sees of them. A press is answered by light and sound even before its event. Nothing here is a rule.

import type { Hal } from "../hal/hal.js";
import type { KeyName } from "../hal/keys.js";
import { Lamp } from "../hal/lamps.js";
import type { Cue } from "../hal/sound.js";
import { readConfig, unconfigured } from "./config/config.js";
import { findNumber, findStaff, isRosterWhole } from "./config/roster.js";
import type { Slots } from "./config/slots.js";
import type { Screen } from "./display/screen.js";
import { viewOf } from "./display/view.js";
import { createBadgeFilter } from "./input/badge-filter.js";
import { createDebounce, numberOf } from "./input/debounce.js";
import { KEY_BYTES } from "./ledger/chain.js";
import { EVERY_TYPE, type Ledger, openLedger } from "./ledger/ledger.js";
import { RecordType } from "./ledger/records.js";
import { type Totals, totalsOf } from "./ledger/totals.js";
import { wordIn } from "./terminal/commands.js";
import type { Effect } from "./terminal/effects.js";
import { type Event, type Fault, KEY_INVITE } from "./terminal/events.js";
import { isQuiet } from "./terminal/hours.js";
import { createRecollection, type Recollection, recall, recallId, TYPES_WITH_ID } from "./terminal/restore.js";
import { isAsking, pressGrade } from "./terminal/session.js";
import { createState, isServing } from "./terminal/state.js";
import { litLamps, nextDeadline, step } from "./terminal/step.js";
import { isFinished } from "./terminal/transaction.js";
import { wallSeconds } from "./terminal/wall-clock.js";
import { createGuard } from "./uplink/command-authentication.js";
import type { createStatus as CreateStatus } from "./uplink/status.js";
import { startUplink } from "./uplink/uplink.js";

/** Version of the firmware, told in the first record of each start. */
export const FIRMWARE_VERSION = "0.1.0";

/** Records that are looked at, at least, for ids that have had their outcome. */
const LOOK_BACK = 24;

/** A `State` record comes after so many others at the latest, once nobody is asked. */
export const STATE_EVERY = 32;

/** The totals are written once so many records stand behind the last of them, while nobody is served; where somebody always is, once it is twice as many. */
export const TOTALS_EVERY = 128;

/** Time for an answer to leave before a restart. */
const RESTART_MS = 2000;

/** How often the watchdog is fed when nothing else happens. */
const WATCHDOG_KICK_MS = 10000;

/**
 * Starts the terminal. It runs from then on by what the board's parts report.
 * @param openSlots of config/slots.ts, or of no-slots.ts on a board without
 * @param createStatus of uplink/status.ts, or of no-status.ts on a board without
 */
export function startApp(
  hal: Hal,
  screen: Screen,
  openSlots: (parts: Hal, ledger: Ledger, screen: Screen) => Slots,
  createStatus: typeof CreateStatus,
): void {
  const clock = hal.clock;
  const key = hal.store.read("key") || "";
  const ledger = openLedger(hal, key);
  const slots = openSlots(hal, ledger, screen);
  const checked = readConfig(slots.read("config"), hal.crc32);
  // Without a configuration that holds nothing is served; the defaults keep everything else running.
  const config = checked.config || unconfigured();
  const state = createState(config);
  const isNewBadge = createBadgeFilter();
  /** Number of the newest `State` record, or 0. */
  let stateSequence = 0;
  /** Number of the first record of the newest totals, or 0; of the first that they count; those that an erased page has left behind: as in `totalsOf`. */
  let totalsSequence = 0;
  let totalsSince = 0;
  let carried = "";
  /** Fields of the record that tells of this start, while it is not written, and when that was. */
  let startFields: readonly (string | number)[] | undefined;
  let startedAtMs = 0;
  let toldRetired = 0;
  let restartAtMs = Infinity;
  /** The lamps that are lit. */
  let lit = 0;
  /** Whether the records of earlier lives have told which ids have had their outcome. */
  let areIdsKnown = false;

  function fieldsOf(text: string): (string | number)[] {
    return JSON.parse("[" + text + "]") as (string | number)[];
  }

  function append(type: RecordType, fields: readonly (string | number)[], atMs: number, isBegin: boolean): boolean {
    if (startFields) appendStart(startFields);
    const json = JSON.stringify(fields);
    const text = json.substr(1, json.length - 2);
    const wall = wallSeconds(state, atMs);
    const status = isBegin ? ledger.begin(type, atMs, wall, text + ",") : ledger.append(type, atMs, wall, text);
    if (status === "ok") {
      // What was out of order is not any more.
      if (state.isLedgerDown) act({ kind: "faultEnded", fault: "ledger", atMs });
      return true;
    }
    step(state, { kind: "faultBegan", fault: "ledger", detail: "", atMs });
    return false;
  }

  /** Writes the record of this start, before any other. It is also the ledger's own test (rule R5). */
  function appendStart(fields: readonly (string | number)[]): void {
    startFields = undefined;
    append(RecordType.Started, fields, startedAtMs, false);
  }

  function play(cue: Cue, atMs: number): void {
    const volume = config.volumePercent;
    if (volume && !(config.quietHours && isQuiet(state, atMs))) hal.sound.play(cue, volume);
  }

  /** Carries out effects; what would follow a record that could not be written does not happen. */
  function carryOut(effects: readonly Effect[], atMs: number): void {
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i] as Effect;
      if (effect.kind === "sound") play(effect.cue, atMs);
      else if (effect.kind === "alert") {
        uplink.tell("alert", { "alert": effect.alert, "detail": effect.detail });
      } else if (!append(effect.type, effect.fields, atMs, effect.kind === "begin")) return;
    }
  }

  function act(event: Event): void {
    const effects = step(state, event);
    light(event.atMs);
    carryOut(effects, event.atMs);
  }

  function light(atMs: number): void {
    lit = litLamps(state, atMs);
    hal.lamps.show(lit);
  }

  /** A part of the hardware, or the host, does not answer, or does again. */
  function report(fault: Fault, isDown: boolean, detail: string, atMs: number): void {
    act({ kind: isDown ? "faultBegan" : "faultEnded", fault, detail, atMs });
  }

  function handle(event: Event): void {
    act(event);
    settle();
  }

  /** After every step: show, send, and ask for the next wake-up. */
  function settle(): void {
    const nowMs = clock.nowMs();
    if (startFields) appendStart(startFields);
    const isShown = screen.show(viewOf(state, nowMs));
    if (isShown === state.isDisplayDown) report("display", !isShown, "no answer", nowMs);
    const isGreeted = uplink.pump(nowMs);
    if (!isServing(state)) {
      // A page that is erased may have the newest totals in it: new ones come first.
      keepState(nowMs);
      // Erasing stops everything for as long as it takes: only while nobody is served.
      ledger.tidy(!state.clerk);
    }
    const retired = ledger.retired();
    if (retired !== toldRetired) {
      toldRetired = retired;
      act({ kind: "faultBegan", fault: "flash", detail: retired + " pages", atMs: nowMs });
    }
    keepState(nowMs);
    keepStatus(nowMs, isGreeted);
    wakeNext(nowMs);
  }

  /** It may take seconds. @param voiding as in `totalsOf` */
  function countTotals(voiding: number): Totals {
    hal.watchdog.kick();
    return totalsOf(ledger, totalsSequence, totalsSince, carried, config.utcOffsetMinutes, voiding);
  }

  /** Writes how things stand, so that a restart need not look far back. */
  function keepState(atMs: number): void {
    const last = ledger.last();
    const isLong = state.session === "idle" && last - totalsSequence >= TOTALS_EVERY * (isServing(state) ? 2 : 1);
    // Out of order it does not know who is on duty.
    if (state.configProblem || isAsking(state) || state.isLedgerDown || (last - stateSequence < STATE_EVERY && !carried && !isLong)) return;
    let first = totalsSequence;
    let since = totalsSince;
    if (carried || isLong) {
      const totals = countTotals(0);
      const rows = totals.rows;
      first = last + 1;
      since = totals.since;
      for (const name in rows) {
        const row = ([name] as (string | number)[]).concat(rows[name] as number[]);
        // Zeros at the end are left out: most rows have room in one slot then.
        while (!row[row.length - 1]) row.pop();
        if (!append(RecordType.Totals, row, atMs, false)) return;
      }
    }
    stateSequence = ledger.last() + 1;
    const clerk = state.clerk;
    const fields = [clerk ? clerk.number : "", state.pause, state.matter, state.matterBy, state.keysDead, first, since];
    if (!append(RecordType.State, fields, atMs, false)) return;
    totalsSequence = first;
    totalsSince = since;
    carried = "";
  }

  function wakeNext(nowMs: number): void {
    const wakeMs = Math.min(nextDeadline(state, nowMs), debounce.deadlineMs(), uplink.deadlineMs(), nowMs + WATCHDOG_KICK_MS);
    clock.wakeAt(wakeMs, onWake);
  }

  function onWake(): void {
    const atMs = clock.nowMs();
    hal.watchdog.kick();
    if (state.session === "idle" && atMs >= restartAtMs) hal.restart();
    debounce.settle(atMs);
    handle({ kind: "woke", atMs });
    if (!isAsking(state)) recallIds();
  }

  /** A key went down: a citizen sees and hears at once that it was heard, before anything else is done. The event comes then. */
  function answer(key: number, atMs: number): void {
    if (key >= KEY_INVITE || state.configProblem) return;
    // What was due before comes before.
    if (atMs >= state.dueMs) act({ kind: "woke", atMs });
    const cue = pressGrade(state, key, atMs);
    if (!cue) return;
    hal.lamps.show(lit | Lamp.Answer);
    play(cue, atMs);
  }

  function onKey(kind: "keyPressed" | "keyReleased" | "keyChattered", key: number, atMs: number): void {
    act({ kind, key, atMs });
    // A grade shows and writes nothing before the time has passed in which a second key would cancel it.
    if (kind === "keyPressed" && key < KEY_INVITE && state.session === "pressed") wakeNext(clock.nowMs());
    else settle();
  }

  const debounce = createDebounce(config.quietMs, answer, onKey, () => wakeNext(clock.nowMs()));

  /** Whether a staff number is that of somebody with this role. */
  function isRole(number: unknown, role: string): boolean {
    const staff = typeof number === "string" ? findNumber(slots, number) : undefined;
    return !!staff && staff.role === role && !staff.isRevoked;
  }

  /** Writes down, and tells the hall, what is done to the terminal, and by whom. @returns whether it could be written */
  function announce(what: string, by: string, atMs: number): boolean {
    if (!append(RecordType.Alert, [what, by], atMs, false)) return false;
    uplink.tell("alert", { "alert": what, "detail": by });
    return true;
  }

  function restartSoon(atMs: number): string {
    restartAtMs = atMs + RESTART_MS;
    return "ok";
  }

  /** Puts the terminal where it was, as the newest records tell. */
  function restore(atMs: number): Recollection {
    const told = createRecollection();
    ledger.lookBack(EVERY_TYPE, (type, text, wall, sequence) => {
      if (!state.lastWallSeconds) state.lastWallSeconds = wall;
      recall(state, told, type, fieldsOf(text), atMs);
      if (told.isWhole) stateSequence = sequence;
      return told.isWhole ? 0 : told.isSessionKnown ? EVERY_TYPE & ~(1 << RecordType.Session) : EVERY_TYPE;
    });
    totalsSequence = told.totals;
    totalsSince = told.totalsSince;
    state.clerk = told.staff ? findNumber(slots, told.staff) : undefined;
    if (state.matter) {
      recallIds();
      if (isFinished(state, state.matter)) state.matter = "";
    }
    return told;
  }

  /** Learns which ids have had their outcome in earlier lives: when first nobody is asked, or a host says something, so that a start need not wait for it. */
  function recallIds(): void {
    let visited = 0;
    if (areIdsKnown) return;
    areIdsKnown = true;
    ledger.lookBack(TYPES_WITH_ID, (type, text) => {
      recallId(state, type, fieldsOf(text));
      return ++visited >= LOOK_BACK ? 0 : TYPES_WITH_ID;
    });
  }

  /**
   * Goes on from where the power went, and tests what can be tested without hands (rule R5). What it has found is shown and lit when it returns; the
   * record that tells of it comes right behind.
   * @param downKeys keys that are down already
   * @cold
   */
  function start(atMs: number, downKeys: readonly KeyName[]): void {
    const told = restore(atMs);
    const problem =
      checked.problem ||
      (!isRosterWhole(slots, hal.crc32) ? "roster: damaged or missing" : key.length !== KEY_BYTES ? "key: damaged or missing" : "");
    const effects = step(
      state,
      problem ? { kind: "faultBegan", fault: "config", detail: problem, atMs } : { kind: "restarted", told, staff: state.clerk, atMs },
    );
    // Known before anybody sees anything, so that the display need not be drawn twice.
    const isFull = ledger.isFull();
    startedAtMs = atMs;
    if (isFull) step(state, { kind: "faultBegan", fault: "ledger", detail: "", atMs });
    light(atMs);
    const isShown = screen.show(viewOf(state, atMs));
    const result = problem ? "config" : !isShown ? "display" : downKeys.length ? "keys" : "ok";
    if (!isFull) startFields = [FIRMWARE_VERSION, config.version, config.author, result, state.keysDead];
    carryOut(effects, atMs);
    downKeys.forEach((name) => {
      debounce.findDown(numberOf(name), atMs);
      act({ kind: "keyFoundDown", key: numberOf(name), atMs });
    });
  }

  ledger.onForget = (end) => {
    if (totalsSequence >= end) return;
    const totals = countTotals(0);
    carried = JSON.stringify(totals.rows);
    totalsSince = totals.since;
    totalsSequence = ledger.last() + 1;
  };
  hal.watchdog.start();
  hal.badgeReader.start({
    onBadge(badge, atMs) {
      if (isNewBadge(badge, atMs)) handle({ kind: "badgePresented", badge, staff: findStaff(slots, badge), atMs });
    },
    onFault(fault, atMs) {
      if (fault === "silent" || fault === "answers") {
        report("badgeReader", fault === "silent", "no answer", atMs);
        settle();
      } else handle({ kind: "badgeGarbled", atMs });
    },
  });
  const uplink = startUplink({
    hal,
    config,
    lostMs: config.linkLostS * 1000,
    ledger,
    identity: {
      "device": config.device,
      "counter": config.counter,
      "firmware": FIRMWARE_VERSION,
      "config": config.version,
      "neighbours": config.neighbours,
    },
    guard: createGuard(hal, ledger, key.length === KEY_BYTES, append),
    /** @rare */
    onCommand(command, atMs) {
      recallIds();
      const what = command["do"] as string;
      const by = command["by"] as string;
      if (what === "restart") {
        if (!wordIn(state, command, "by")) return state.result;
        announce(what, by, atMs);
        return restartSoon(atMs);
      }
      const updated = slots.update(command, state.session === "idle", atMs, append, restartSoon);
      if (updated) return updated;
      if (what === "emergency") {
        const text = hal.fromBase64("" + (command["text64"] || ""));
        const objection = screen.objectionTo(text);
        if (objection) return objection;
        command = { "do": "emergency", "text": text, "crc": text && hal.crc32(text) };
      } else if (/^(card|void|approve)$/.test(what) && !isRole(by, "supervisor")) {
        return "bad by";
      } else if (what === "unlock") {
        if (!isRole(by, "maintainer")) return "bad by";
        if (!announce(what, by, atMs)) return "ledger";
        hal.unlock();
        return "ok";
      } else if (what === "totals") {
        // Counting takes a while: nobody may wait for it.
        if (isAsking(state)) return "busy";
        const totals = countTotals(0);
        return { "since": totals.since, "counts": totals.rows[command["row"] as string] || [] };
      } else if (what === "void") {
        const sequence = command["seq"] as number;
        if (!ledger.read(sequence)) return "gone";
        const totals = countTotals(sequence);
        if (totals.problem) return totals.problem;
        (command as Record<string, unknown>)["counted"] = totals.counted;
      }
      handle({ kind: "commanded", command, atMs });
      return state.result;
    },
    onAcknowledged(atMs) {
      if (state.isLedgerDown) handle({ kind: "faultEnded", fault: "ledger", atMs });
    },
    onLost(isLost, atMs, why) {
      report("link", isLost, why, atMs);
      screen.show(viewOf(state, atMs));
    },
    onHeard: () => settle(),
  });
  const keepStatus = createStatus(hal, state, ledger.retired, uplink.tell);
  const downKeys = hal.keys.start(debounce.onEdge);
  start(clock.nowMs(), downKeys);
  // Who presses or badges in from now on is heard first.
  clock.wakeAt(clock.nowMs(), settle);
}
