// The event loop: events go in, `step` decides, and effects are carried out in this order: lamps and sounds that answer at once, records into flash, and
// only then what the public sees of them. A key press is answered by light and sound even before its event. No rule of the counter stands here.

import type { ClockChip } from "../hal/clock-chip.js";
import type { Hal } from "../hal/hal.js";
import { Lamp } from "../hal/lamps.js";
import type { Cue } from "../hal/sound.js";
import { createCheckpoint } from "./app/checkpoint.js";
import { createHostCommands } from "./app/host-commands.js";
import type { createOwnClock as CreateOwnClock } from "./app/own-clock.js";
import { createRecorder } from "./app/recorder.js";
import { createStart } from "./app/start.js";
import { readConfig, Setting, unconfigured } from "./config/config.js";
import { findStaff } from "./config/roster.js";
import type { Slots } from "./config/slots.js";
import type { Screen } from "./display/screen.js";
import { viewOf } from "./display/view.js";
import { createBadgeFilter } from "./input/badge-filter.js";
import { createDebounce } from "./input/debounce.js";
import { KEY_BYTES } from "./ledger/chain.js";
import { type Ledger, openLedger } from "./ledger/ledger.js";
import { type Effect, EffectKind } from "./terminal/effects.js";
import { type Event, EventKind, type Fault, KEY_INVITE, type KeyEventKind } from "./terminal/events.js";
import { isQuiet } from "./terminal/hours.js";
import { isAsking, pressGrade } from "./terminal/session.js";
import { createState, isServing, Session } from "./terminal/state.js";
import { litLamps, nextDeadline, step } from "./terminal/step.js";
import { createGuard } from "./uplink/command-authentication.js";
import type { createStatus as CreateStatus } from "./uplink/status.js";
import { startUplink } from "./uplink/uplink.js";
import { FIRMWARE_VERSION } from "./version.js";

/**
 * Starts the terminal. From then on it runs by what the parts of the board report.
 * @param openSlots of config/slots.ts, or of no-slots.ts on a board without slots
 * @param createStatus of uplink/status.ts, or of no-status.ts on a board without a network
 * @param createOwnClock of app/own-clock.ts, or of no-own-clock.ts on a board without a clock chip
 */
export function startApp(
  hal: Hal,
  screen: Screen,
  openSlots: (parts: Hal, ledger: Ledger, screen: Screen) => Slots,
  createStatus: typeof CreateStatus,
  createOwnClock: typeof CreateOwnClock,
): void {
  const clock = hal.clock;
  const key = hal.store.read("key") || "";
  const hasKey = key.length === KEY_BYTES;
  // Most chips give the same numbers as random ones after each start: the salt, which is made when a bare board is flashed, tells the logs of a device apart.
  const ledger = openLedger(hal, key, (word, remains) => word((hal.store.read("salt") || "") + hal.random32() + remains));
  const slots = openSlots(hal, ledger, screen);
  const checked = readConfig(slots.read("config"), hal.crc32);
  // Without a valid configuration nothing is served, and the defaults keep everything else running.
  const config = checked.config || unconfigured();
  const state = createState(config);
  const isNewBadge = createBadgeFilter();
  const recorder = createRecorder(state, ledger, act);
  const checkpoint = createCheckpoint(hal, state, ledger, recorder.append);
  /** What is wrong with flash, as it was reported. */
  let toldFlaws = "";
  /** The lamps that are lit. */
  let lit = 0;
  /** When the next wake-up is due. */
  let wakeMs = 0;

  function play(cue: Cue, atMs: number): void {
    const volume = config[Setting.VolumePercent];
    if (volume && !(config[Setting.QuietHours] && isQuiet(state, atMs))) hal.sound.play(cue, volume);
  }

  /** Sends an alert to the hall. */
  function alert(alert: string, detail: string): void {
    uplink.tell("alert", { "alert": alert, "detail": detail });
  }

  /** Carries out effects, up to a record that could not be written: what would follow it does not happen. */
  function carryOut(effects: readonly Effect[], atMs: number): void {
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i] as Effect;
      if (effect.kind === EffectKind.Sound) play(effect.cue, atMs);
      else if (effect.kind === EffectKind.Alert) alert(effect.alert, effect.detail);
      else if (!recorder.append(effect.type, effect.fields, atMs, effect.kind === EffectKind.Begin)) return;
    }
  }

  function act(event: Event): void {
    const effects = step(state, event);
    ownClock.note(effects);
    light(event.atMs);
    carryOut(effects, event.atMs);
  }

  function light(atMs: number): void {
    lit = litLamps(state, atMs);
    hal.lamps.show(lit);
  }

  /** A part of the hardware, or the host, stopped answering or answers again. */
  function report(fault: Fault, isDown: boolean, detail: string, atMs: number): void {
    act({ kind: isDown ? EventKind.FaultBegan : EventKind.FaultEnded, fault, detail, atMs });
  }

  function handle(event: Event): void {
    // While a citizen is asked, a command passes no deadline (see `step`). So it does not tell of a contact that became quiet after the deadline either.
    debounce.settle(isAsking(state) && event.kind >= EventKind.Commanded ? Math.min(event.atMs, state.dueMs - 1) : event.atMs);
    act(event);
    settle();
  }

  /** Follows every step: shows, sends, and asks for the next wake-up. */
  function settle(): void {
    const nowMs = clock.nowMs();
    ownClock.look(nowMs);
    recorder.writeStart();
    const isShown = screen.show(viewOf(state, nowMs));
    if (isShown === state.isDisplayDown) report("display", !isShown, "no answer", nowMs);
    const isGreeted = uplink.pump(nowMs);
    if (!isServing(state)) {
      // The page that is erased next may hold the newest totals: new ones are written first.
      checkpoint.keep(nowMs);
      // Erasing stops everything else, so it waits until nobody is served.
      ledger.tidy(!state.clerk);
    }
    const flaws = ledger.flaws();
    if (flaws !== toldFlaws) {
      toldFlaws = flaws;
      act({ kind: EventKind.FaultBegan, fault: "flash", detail: flaws, atMs: nowMs });
    }
    checkpoint.keep(nowMs);
    keepStatus(nowMs, isGreeted);
    wakeNext(nowMs);
  }

  function wakeNext(nowMs: number): void {
    const kickMs = hal.watchdog.kickMs;
    // At round times: what the display shows in turns changes at the same moment, whatever was written or sent before (rule E7).
    const kickAtMs = nowMs - (nowMs % kickMs) + kickMs;
    // A clock that comes may put a deadline far into the past: it is due now.
    wakeMs = Math.max(nowMs, Math.min(nextDeadline(state), debounce.deadlineMs(), uplink.deadlineMs(), kickAtMs));
    clock.wakeAt(wakeMs, onWake);
  }

  /** Handles what is due, with the time when it was due, also where this call is late. The edges of keys before that time have been handled; later edges follow. */
  function onWake(): void {
    const atMs = wakeMs;
    hal.watchdog.kick();
    commands.passRestart(atMs);
    handle({ kind: EventKind.Woke, atMs });
    if (!isAsking(state)) start.recallIds();
  }

  /** Handles what was due until a key acts. */
  function pass(atMs: number): void {
    if (atMs >= state.dueMs) act({ kind: EventKind.Woke, atMs });
  }

  /** A key went down: light and sound answer a citizen before anything else is done. The event follows. */
  function answer(key: number, atMs: number): void {
    if (key >= KEY_INVITE || state.configProblem) return;
    pass(atMs);
    const cue = pressGrade(state, key, atMs);
    if (!cue) return;
    hal.lamps.show(lit | Lamp.Answer);
    play(cue, atMs);
  }

  function onKey(kind: KeyEventKind, key: number, atMs: number): void {
    act({ kind, key, atMs });
    // A grade is neither shown nor written before the time is over in which a second key would cancel it.
    if (kind === EventKind.KeyPressed && key < KEY_INVITE && state.session === Session.Pressed) wakeNext(clock.nowMs());
    else settle();
  }

  const debounce = createDebounce(config[Setting.QuietMs], answer, pass, onKey, () => wakeNext(clock.nowMs()));
  const start = createStart({
    hal,
    screen,
    files: slots,
    checked,
    hasKey,
    state,
    ledger,
    checkpoint,
    debounce,
    planStart: recorder.planStart,
    act,
    light,
    carryOut,
  });
  const commands = createHostCommands({
    hal,
    screen,
    slots,
    state,
    ledger,
    checkpoint,
    append: recorder.append,
    recallIds: start.recallIds,
    alert,
    handle,
  });
  const ownClock = createOwnClock(hal.clockChip as ClockChip, state, recorder.append, act, commands.carryOut);
  hal.watchdog.start();
  hal.badgeReader.start({
    onBadge(badge, atMs) {
      if (isNewBadge(badge, atMs)) handle({ kind: EventKind.BadgePresented, badge, staff: findStaff(slots, badge), atMs });
    },
    onFault(fault, atMs) {
      if (fault === "silent" || fault === "answers") {
        report("badgeReader", fault === "silent", "no answer", atMs);
        settle();
      } else handle({ kind: EventKind.BadgeGarbled, atMs });
    },
  });
  const uplink = startUplink({
    hal,
    config: { device: config[Setting.Device], host: config[Setting.Host], wifi: config[Setting.Wifi] },
    lostMs: config[Setting.LinkLostS] * 1000,
    ledger,
    identity: {
      "device": config[Setting.Device],
      "counter": config[Setting.Counter],
      "firmware": FIRMWARE_VERSION,
      "config": config[Setting.Version],
      "neighbours": config[Setting.Neighbours],
    },
    guard: createGuard(hal, ledger, hasKey, recorder.append),
    onCommand: ownClock.carryOut,
    onAcknowledged(atMs) {
      if (state.isLedgerDown) handle({ kind: EventKind.FaultEnded, fault: "ledger", atMs });
    },
    onLost(isLost, atMs, why) {
      report("link", isLost, why, atMs);
      screen.show(viewOf(state, atMs));
    },
    onHeard: () => settle(),
  });
  const keepStatus = createStatus(hal, state, ledger.flaws, ownClock, uplink.tell);
  const downKeys = hal.keys.start(debounce.onEdge);
  start.run(clock.nowMs(), downKeys);
  // From now on keys and badges are heard before the rest of the start.
  clock.wakeAt(clock.nowMs(), settle);
}
