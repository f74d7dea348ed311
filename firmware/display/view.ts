// What the display shows, from the state alone. Where it stands is in layouts.ts. No view depends on the grade that was pressed.

import { openNeighbour, shownNotice } from "../terminal/neighbours.js";
import { isBrief, offeredReason } from "../terminal/pause.js";
import { REASONS_ON_PAGE } from "../terminal/session.js";
import { isOnPaper, isServing, type State } from "../terminal/state.js";

/** Name of a layout. */
export type LayoutName = "title" | "card" | "prompt" | "thanks" | "notice" | "emergency" | "technical" | "list";

/**
 * A layout and the texts of its lines in order. `@` and a phrase's id stand for that phrase in the configured language; behind another `#` stands what
 * replaces the `#` in it. What does not fit into a line goes on in the next one, where that is empty.
 */
export type View = readonly [LayoutName, ...string[]];

export function viewOf(state: State, nowMs: number): View {
  const clerk = state.clerk;
  const header = clerk ? clerk.number + " " + clerk.name : "";
  if (state.emergency) return ["emergency", "@emergency", state.emergency, "", "@pleaseWait"];
  if (state.configProblem) {
    const colon = state.configProblem.indexOf(": ");
    return ["technical", "@configWrong", state.configProblem.substr(0, colon), state.configProblem.substr(colon + 2), "@callTechnician"];
  }
  if (state.unseenKeys > 0) return ["notice", "@selfTest", unseenText(state.unseenKeys), "@pressEach"];
  if (clerk && state.session !== "idle") {
    if (state.session === "reasons") return reasonsView(state);
    if (state.session === "thanks") {
      return state.isLedgerDown ? ["prompt", header, "@paperCard"] : ["thanks", header, "@thanks", "@farewell"];
    }
    return ["prompt", state.asked ? "@approvalNeeded" : header, "@invite"];
  }
  if (state.asked) return ["notice", "@approvalNeeded", "@" + (state.askedReason ? "pause_" + state.askedReason : state.asked), "@presentBadge"];
  const offered = offeredReason(state, nowMs);
  if (offered) return ["notice", "@pauseReason", "@pause_" + offered, "@letGo"];
  if (state.notice) return ["notice", "@" + state.notice, state.noticeDetail, "@seeRoster"];
  const neighbour = openNeighbour(state);
  const elsewhere = neighbour ? "@goTo#" + neighbour : "";
  if (!clerk) {
    if (state.hours === "before") return ["title", "@preparing", "@opensAt#" + timeText(state.opensAtMinute)];
    if (state.hours === "break") return ["title", "@lunch", elsewhere || "@opensAt#" + timeText(state.opensAtMinute)];
    if (state.hours === "after") return ["title", "@offHours", elsewhere];
    return ["title", "@closed", elsewhere || "@nobodyOnDuty"];
  }
  if (!isServing(state) && !state.pause) return ["title", "@preparing", "@opensAt#" + timeText(state.opensAtMinute)];
  if (state.pause) {
    if (isBrief(state.pause)) return ["title", "@away", "@pleaseWait"];
    return ["title", state.pause === "lunch" ? "@lunch" : "@closed", elsewhere || "@pleaseWait"];
  }
  if (isOnPaper(state)) return ["prompt", header, "@paperCard"];
  const notice = shownNotice(state);
  if (notice) {
    const isPaused = state.neighbours[notice] === "paused";
    return ["notice", (isPaused ? "@neighbourPaused#" : "@neighbourBack#") + notice, "", "@acknowledge"];
  }
  return ["card", clerk.number, clerk.name, state.isLinkLost ? "@linkLost" : postText(clerk.post, clerk.isParty, clerk.stars)];
}

/** The reasons of the page, each behind the number of its key. */
function reasonsView(state: State): View {
  const reasons = state.config.reasons;
  const hasPages = reasons.length > REASONS_ON_PAGE + 1;
  const lines: string[] = [];
  for (let i = 0; i < 5; i++) {
    const code = reasons[state.reasonPage + i];
    if (hasPages && i === REASONS_ON_PAGE) lines.push("@more#5");
    else lines.push(code === undefined ? "" : "@reason" + code + "#" + (i + 1));
  }
  return ["list", lines[0] as string, lines[1] as string, lines[2] as string, lines[3] as string, lines[4] as string];
}

/** The keys that a self-test still waits for: 1 to 5, I for invite, P for pause. */
function unseenText(unseen: number): string {
  let text = "";
  for (let key = 0; key < 7; key++) if (unseen & (1 << key)) text += (text && " ") + "12345IP".charAt(key);
  return text;
}

/** The last line of the staff card. @param post in UTF-8, as a byte string */
export function postText(post: string, isParty: boolean, stars: number): string {
  // U+2605, a black star, in UTF-8.
  return (isParty ? "@party#" : "") + post + (stars ? " " : "") + "\xe2\x98\x85\xe2\x98\x85\xe2\x98\x85\xe2\x98\x85\xe2\x98\x85".substr(0, stars * 3);
}

/** `HH:MM` of a minute of the day. */
function timeText(minute: number): string {
  const hours = Math.floor(minute / 60);
  const minutes = minute % 60;
  return (hours < 10 ? "0" : "") + hours + (minutes < 10 ? ":0" : ":") + minutes;
}
