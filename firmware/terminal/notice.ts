// Notices: short messages, such as that a badge is unknown, or a greeting. They never cover the prompt to a citizen.

import { Setting } from "../config/config.js";
import { sound } from "./effects.js";
import type { State } from "./state.js";

/** How long a hint is shown, in ms. */
const HINT_MS = 2000;

/**
 * Shows a notice in silence, instead of the one before.
 * @param phrase id of the phrase, with what replaces its `#`
 * @param detail a second line that is shown as it is, or ""
 */
export function show(state: State, phrase: string, detail: string, ms: number, atMs: number): void {
  state.notice = phrase;
  state.noticeDetail = detail;
  state.noticeUntilMs = atMs + ms;
}

/** Shows a notice for the configured time, with the sound of a refusal. */
export function showNotice(state: State, phrase: string, detail: string, atMs: number): void {
  show(state, phrase, detail, state.config[Setting.NoticeMs], atMs);
  sound(state, "refused");
}

/** Shows for two seconds why a citizen's key means nothing now, in silence: nobody has been asked. */
export function showHint(state: State, atMs: number): void {
  if (!state.notice) show(state, "afterInvite", "", HINT_MS, atMs);
}

export function passNotice(state: State, atMs: number): void {
  if (atMs < state.noticeUntilMs) return;
  state.notice = "";
  state.noticeUntilMs = Infinity;
}
