// Short messages to the clerk, such as an unknown badge. They never cover a citizen's prompt.

import { sound } from "./effects.js";
import type { State } from "./state.js";

/**
 * Shows a message for the configured time, with the sound of a refusal.
 * @param phrase id of the phrase
 * @param detail a second line, as it is
 */
export function showNotice(state: State, phrase: string, detail: string, atMs: number): void {
  state.notice = phrase;
  state.noticeDetail = detail;
  state.noticeUntilMs = atMs + state.config.noticeMs;
  sound(state, "refused");
}

export function passNotice(state: State, atMs: number): void {
  if (atMs < state.noticeUntilMs) return;
  state.notice = "";
  state.noticeUntilMs = Infinity;
}
