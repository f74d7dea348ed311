// What the display shows, from the state alone. Where it stands is in layouts.ts.

import type { State } from "../terminal/state.js";

/** Name of a layout. */
export type LayoutName = "title" | "card" | "prompt" | "thanks" | "notice" | "technical";

/** A layout and the texts of its lines in order; `@` and a phrase's id stand for that phrase in the configured language. */
export type View = readonly [LayoutName, ...string[]];

export function viewOf(state: State): View {
  const clerk = state.clerk;
  if (state.configProblem) {
    const colon = state.configProblem.indexOf(": ");
    return ["technical", "@configWrong", state.configProblem.substr(0, colon), state.configProblem.substr(colon + 2), "@callTechnician"];
  }
  if (clerk && state.session !== "idle") {
    const header = clerk.number + " " + clerk.name;
    if (state.session === "thanks") {
      return state.isLedgerDown ? ["prompt", header, "@paperCard1", "@paperCard2"] : ["thanks", header, "@thanks", "@farewell"];
    }
    return ["prompt", header, "@invite1", "@invite2"];
  }
  if (state.notice) return ["notice", "@" + state.notice, state.noticeDetail, "@seeRoster"];
  if (!clerk) return ["title", "@closed", "@nobodyOnDuty"];
  if (state.isPaused) return ["title", "@closed", "@pleaseWait"];
  if (state.isLedgerDown) return ["prompt", clerk.number + " " + clerk.name, "@paperCard1", "@paperCard2"];
  return ["card", clerk.number, clerk.name, clerk.post];
}
