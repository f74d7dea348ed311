// Short messages to the clerk, such as an unknown badge. They never cover a citizen's prompt.

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
  state.effects.push({ kind: "sound", pattern: "refused" });
}
