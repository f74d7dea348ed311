// Notices: short messages to the clerk, such as that a badge is unknown. They never cover the prompt to a citizen.

import { sound } from "./effects.js";
import type { State } from "./state.js";

/** How long a hint is shown, in ms. */
const HINT_MS = 2000;

/**
 * Shows a notice for the configured time, with the sound of a refusal.
 * @param phrase id of the phrase
 * @param detail a second line that is shown as it is, or ""
 */
export function showNotice(state: State, phrase: string, detail: string, atMs: number): void {
  state.notice = phrase;
  state.noticeDetail = detail;
  state.noticeUntilMs = atMs + state.config.noticeMs;
  sound(state, "refused");
}

/** Shows for two seconds why a citizen's key means nothing now, in silence: nobody has been asked. */
export function showHint(state: State, atMs: number): void {
  if (state.notice) return;
  state.notice = "afterInvite";
  state.noticeDetail = "";
  state.noticeUntilMs = atMs + HINT_MS;
}

export function passNotice(state: State, atMs: number): void {
  if (atMs < state.noticeUntilMs) return;
  state.notice = "";
  state.noticeUntilMs = Infinity;
}
