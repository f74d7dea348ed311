// The self-test of the keys (rules R5, E12): somebody presses every key once, and each key that was not seen is a fault.

import { RecordType } from "../ledger/records.js";
import { append, setResult, sound } from "./effects.js";
import { KEY_INVITE, KEY_PAUSE } from "./events.js";
import { failUnseen } from "./key-health.js";
import { lightAnswer } from "./session.js";
import { citizenKeys, Session, type State } from "./state.js";

/** Time for pressing all keys, in ms. */
const SELF_TEST_MS = 60000;

/** Begins a self-test, unless a session runs. */
export function beginSelfTest(state: State, atMs: number): void {
  // The host may repeat it.
  if (state.unseenKeys > 0) return;
  if (state.session !== Session.Idle) {
    setResult(state, "busy");
    return;
  }
  state.unseenKeys = citizenKeys(state) | (1 << KEY_INVITE) | (1 << KEY_PAUSE);
  state.selfTestUntilMs = atMs + SELF_TEST_MS;
}

/** A key was pressed in the self-test. */
export function seeKey(state: State, key: number, atMs: number): void {
  state.unseenKeys &= ~(1 << key);
  lightAnswer(state, atMs);
  sound(state, "press");
  if (!state.unseenKeys) endSelfTest(state);
}

export function passSelfTest(state: State, atMs: number): void {
  if (atMs >= state.selfTestUntilMs) endSelfTest(state);
}

/** @cold The test is over. */
function endSelfTest(state: State): void {
  const unseen = state.unseenKeys;
  state.unseenKeys = -1;
  state.selfTestUntilMs = Infinity;
  append(state, RecordType.SelfTest, [unseen ? "failed" : "ok", state.presses.join(" ")]);
  failUnseen(state, unseen);
}
