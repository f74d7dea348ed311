// Connects the parts: events go in, `step` decides, effects are carried out, in this order: lamps and sounds that answer at once, records into
// flash, and only then what the public sees of them. Nothing here is a rule.

import type { Hal } from "../hal/hal.js";
import { type Config, checkConfig } from "./config/config.js";
import { findStaff } from "./config/roster.js";
import { createScreen } from "./display/screen.js";
import { viewOf } from "./display/view.js";
import { createBadgeFilter } from "./input/badge-filter.js";
import { createDebounce } from "./input/debounce.js";
import { openLedger } from "./ledger/ledger.js";
import { RecordType } from "./ledger/records.js";
import { notesOf } from "./sound/patterns.js";
import type { Effect } from "./terminal/effects.js";
import type { Event } from "./terminal/events.js";
import { createState, isServing } from "./terminal/state.js";
import { isAnswerLampLit, isPauseLampLit, nextDeadline, step } from "./terminal/step.js";
import { startUplink, type Uplink } from "./uplink/uplink.js";

/** Version of the firmware, told in the first record of each start. */
export const FIRMWARE_VERSION = "0.1.0";

/** How often the watchdog is fed when nothing else happens. */
const WATCHDOG_KICK_MS = 10000;

/** What a terminal with a wrong configuration goes by until it has a right one. */
const UNCONFIGURED: Config = {
  version: 0,
  device: "unconfigured",
  counter: "-",
  language: "zh-CN",
  grades: [],
  timeoutMs: 30000,
  thanksMs: 3000,
  noticeMs: 3000,
  quietMs: 50,
  host: "",
};

/** Starts the terminal. It runs from then on by what the board's parts report. */
export function startApp(hal: Hal): void {
  const clock = hal.clock;
  const checked = checkConfig(hal.store.read("config"));
  const config = checked.config || UNCONFIGURED;
  const state = createState(config);
  const ledger = openLedger(hal.flash, hal.crc32, hal.random32);
  const screen = createScreen(hal.display, hal.store);
  const isNewBadge = createBadgeFilter();
  let uplink: Uplink | undefined;
  /** Wall clock minus monotonic clock, in ms; 0 while the wall clock is unknown. */
  let wallOffsetMs = 0;

  function append(type: RecordType, fields: readonly (string | number)[], atMs: number): boolean {
    const text = JSON.stringify(fields);
    const wallSeconds = wallOffsetMs ? Math.floor((atMs + wallOffsetMs) / 1000) : 0;
    if (ledger.append(type, atMs, wallSeconds, text.substr(1, text.length - 2)) === "ok") {
      // What was out of order is not any more.
      if (state.isLedgerDown) carryOut(step(state, { kind: "faultEnded", fault: "ledger", atMs }), atMs);
      return true;
    }
    step(state, { kind: "faultBegan", fault: "ledger", detail: "", atMs });
    return false;
  }

  /** Carries out effects; sounds that would follow a record that could not be written stay silent. */
  function carryOut(effects: readonly Effect[], atMs: number): void {
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i] as Effect;
      if (effect.kind === "sound") hal.sound.play(notesOf(effect.pattern));
      else if (!append(effect.type, effect.fields, atMs)) return;
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
    screen.show(viewOf(state));
    if (uplink) uplink.pump(nowMs);
    // Erasing stops everything for as long as it takes: only while nobody is served.
    if (!isServing(state)) ledger.tidy();
    let wakeMs = nextDeadline(state, nowMs);
    if (uplink && uplink.deadlineMs() < wakeMs) wakeMs = uplink.deadlineMs();
    clock.wakeAt(Math.min(wakeMs, nowMs + WATCHDOG_KICK_MS), onWake);
  }

  function onWake(): void {
    hal.watchdog.kick();
    handle({ kind: "woke", atMs: clock.nowMs() });
  }

  hal.watchdog.start();
  append(RecordType.Started, [FIRMWARE_VERSION, config.version], clock.nowMs());
  hal.keys.start(createDebounce(config.quietMs, (key, atMs) => handle({ kind: "keyPressed", key, atMs })));
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
    ledger,
    identity: { "device": config.device, "counter": config.counter, "firmware": FIRMWARE_VERSION, "config": config.version },
    listener: {
      onInvite(transaction, atMs) {
        handle({ kind: "inviteAsked", transaction, atMs });
        if (state.session === "open" && state.transaction === transaction) return "ok";
        return { error: "notServing", hint: "somebody must be on duty, not paused, and no rating open" };
      },
      onTime(unixSeconds, atMs) {
        const before = wallOffsetMs ? Math.floor((atMs + wallOffsetMs) / 1000) : 0;
        wallOffsetMs = unixSeconds * 1000 - atMs;
        if (before !== unixSeconds) append(RecordType.TimeSet, [before, unixSeconds], atMs);
        return "ok";
      },
      onAcknowledged(atMs) {
        if (state.isLedgerDown) handle({ kind: "faultEnded", fault: "ledger", atMs });
      },
    },
  });
  const startMs = clock.nowMs();
  if (checked.problem) handle({ kind: "faultBegan", fault: "config", detail: checked.problem, atMs: startMs });
  else handle({ kind: "woke", atMs: startMs });
}
