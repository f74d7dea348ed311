// Connects the parts: events go in, `step` decides, effects are carried out, in this order: lamps and sounds that answer at once, records into
// flash, and only then what the public sees of them. Nothing here is a rule.

import type { Hal } from "../hal/hal.js";
import { readConfig, unconfigured } from "./config/config.js";
import { findNumber, findStaff, isRosterWhole } from "./config/roster.js";
import { createScreen } from "./display/screen.js";
import { viewOf } from "./display/view.js";
import { createBadgeFilter } from "./input/badge-filter.js";
import { createDebounce } from "./input/debounce.js";
import { openLedger } from "./ledger/ledger.js";
import { RecordType } from "./ledger/records.js";
import { notesOf } from "./sound/patterns.js";
import type { Effect } from "./terminal/effects.js";
import type { Event } from "./terminal/events.js";
import { attend } from "./terminal/hours.js";
import { restoreFrom, restoreMatter } from "./terminal/restore.js";
import { createState, isServing } from "./terminal/state.js";
import { isAnswerLampLit, isPauseLampLit, nextDeadline, step } from "./terminal/step.js";
import { REMEMBERED } from "./terminal/transaction.js";
import { wallSeconds } from "./terminal/wall-clock.js";
import { startUplink, type Uplink } from "./uplink/uplink.js";

/** Version of the firmware, told in the first record of each start. */
export const FIRMWARE_VERSION = "0.1.0";

/** How often the watchdog is fed when nothing else happens. */
const WATCHDOG_KICK_MS = 10000;

/** Starts the terminal. It runs from then on by what the board's parts report. */
export function startApp(hal: Hal): void {
  const clock = hal.clock;
  const checked = readConfig(hal.store.read("config"), hal.crc32);
  // Without a configuration that holds nothing is served; the defaults keep everything else running.
  const config = checked.config || unconfigured();
  const state = createState(config);
  const ledger = openLedger(hal.flash, hal.crc32, hal.random32);
  const screen = createScreen(hal.display, hal.store);
  const isNewBadge = createBadgeFilter();
  let uplink: Uplink | undefined;

  function append(type: RecordType, fields: readonly (string | number)[], atMs: number, isBegin: boolean): boolean {
    const json = JSON.stringify(fields);
    const text = json.substr(1, json.length - 2);
    const wall = wallSeconds(state, atMs);
    const status = isBegin ? ledger.begin(type, atMs, wall, text + ",") : ledger.append(type, atMs, wall, text);
    if (status === "ok") {
      // What was out of order is not any more.
      if (state.isLedgerDown) carryOut(step(state, { kind: "faultEnded", fault: "ledger", atMs }), atMs);
      return true;
    }
    step(state, { kind: "faultBegan", fault: "ledger", detail: "", atMs });
    return false;
  }

  /** Carries out effects; what would follow a record that could not be written does not happen. */
  function carryOut(effects: readonly Effect[], atMs: number): void {
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i] as Effect;
      if (effect.kind === "sound") hal.sound.play(notesOf(effect.pattern));
      else if (effect.kind === "alert") {
        if (uplink) uplink.tell({ "alert": effect.alert, "detail": effect.detail });
      } else if (!append(effect.type, effect.fields, atMs, effect.kind === "begin")) return;
    }
  }

  function handle(event: Event): void {
    const atMs = event.atMs;
    const effects = step(state, event);
    hal.answerLamp.set(isAnswerLampLit(state, atMs));
    hal.pauseLamp.set(isPauseLampLit(state));
    carryOut(effects, atMs);
    settle();
  }

  /** After every step: show, send, and ask for the next wake-up. */
  function settle(): void {
    const nowMs = clock.nowMs();
    const isShown = screen.show(viewOf(state, nowMs));
    if (isShown === state.isDisplayDown) {
      carryOut(step(state, { kind: isShown ? "faultEnded" : "faultBegan", fault: "display", detail: "no answer", atMs: nowMs }), nowMs);
    }
    if (uplink) uplink.pump(nowMs);
    // Erasing stops everything for as long as it takes: only while nobody is served.
    if (!isServing(state)) ledger.tidy();
    wakeNext(nowMs);
  }

  function wakeNext(nowMs: number): void {
    const wakeMs = Math.min(nextDeadline(state, nowMs), debounce.deadlineMs(), uplink ? uplink.deadlineMs() : Infinity, nowMs + WATCHDOG_KICK_MS);
    clock.wakeAt(wakeMs, onWake);
  }

  function onWake(): void {
    const atMs = clock.nowMs();
    hal.watchdog.kick();
    debounce.settle(atMs);
    handle({ kind: "woke", atMs });
  }

  const debounce = createDebounce(config.quietMs, (key, isDown, atMs) => handle({ kind: isDown ? "keyPressed" : "keyReleased", key, atMs }));

  function isSupervisor(number: unknown): boolean {
    const staff = typeof number === "string" ? findNumber(hal.store, number) : undefined;
    return !!staff && staff.role === "supervisor" && !staff.isRevoked;
  }

  /** Puts the terminal where it was: the newest records tell. @returns the number of the configuration that was used last, or 0 */
  function restore(atMs: number): number {
    let isFound = false;
    let visited = 0;
    let version = 0;
    ledger.lookBack((type, text, wall) => {
      const values = JSON.parse("[" + text + "]") as (string | number)[];
      if (!state.lastWallSeconds) state.lastWallSeconds = wall;
      if (type === RecordType.Started && !version) version = values[1] as number;
      restoreMatter(state, type, values);
      if (!isFound) {
        const number = restoreFrom(state, type, values, atMs);
        isFound = number !== undefined;
        state.clerk = number ? findNumber(hal.store, number) : undefined;
      }
      return ++visited >= REMEMBERED && isFound && version > 0;
    });
    // Found newest first; kept oldest first.
    state.finished.reverse();
    attend(state, atMs);
    return version;
  }

  const startMs = clock.nowMs();
  hal.watchdog.start();
  const lastVersion = restore(startMs);
  const problem = checked.problem || (isRosterWhole(hal.store, hal.crc32) ? "" : "roster: damaged or missing");
  // What can be tested without hands is tested at every start (rule R5): the ledger by the record that tells of it.
  const result = problem ? "config" : screen.show(viewOf(state, startMs)) ? "ok" : "display";
  append(RecordType.Started, [FIRMWARE_VERSION, config.version, config.author, result], startMs, false);
  if (lastVersion && config.version && lastVersion !== config.version)
    append(RecordType.Configured, [lastVersion, config.version, config.author], startMs, false);
  hal.keys.start((key, isDown, atMs) => {
    debounce.onEdge(key, isDown, atMs);
    // A release is told when the contact has been quiet: that needs a wake-up.
    if (!isDown) wakeNext(clock.nowMs());
  });
  hal.badgeReader.start({
    onBadge(badge, atMs) {
      if (isNewBadge(badge, atMs)) handle({ kind: "badgePresented", badge, staff: findStaff(hal.store, badge), atMs });
    },
    onFault(_, atMs) {
      handle({ kind: "badgeGarbled", atMs });
    },
  });
  uplink = startUplink({
    hal,
    host: config.host,
    lostMs: config.linkLostS * 1000,
    ledger,
    identity: { "device": config.device, "counter": config.counter, "firmware": FIRMWARE_VERSION, "config": config.version },
    onCommand(command, atMs) {
      if (command["do"] === "emergency") {
        const text = typeof command["text64"] === "string" ? hal.fromBase64(command["text64"]) : "";
        if (!screen.canShow(text)) return "missingGlyph";
        handle({ kind: "commanded", command: { "do": "emergency", "text": text, "crc": text && hal.crc32(text) }, atMs });
      } else if ((command["do"] === "card" || command["do"] === "void" || command["do"] === "approve") && !isSupervisor(command["by"])) {
        return "bad by";
      } else if (command["do"] === "void" && !((command["seq"] as number) <= ledger.last())) return "bad seq";
      else handle({ kind: "commanded", command, atMs });
      return state.result;
    },
    onAcknowledged(atMs) {
      if (state.isLedgerDown) handle({ kind: "faultEnded", fault: "ledger", atMs });
    },
    onLost(isLost, atMs) {
      carryOut(step(state, { kind: isLost ? "faultBegan" : "faultEnded", fault: "link", detail: "host not heard", atMs }), atMs);
      screen.show(viewOf(state, atMs));
    },
  });
  if (problem) handle({ kind: "faultBegan", fault: "config", detail: problem, atMs: startMs });
  else handle({ kind: "woke", atMs: startMs });
}
