// Commands that a host repeats: each row of the table in PROTOCOL.md, except those that only the app carries out. Given twice, a command changes no more than given once.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EffectKind } from "../../../firmware/terminal/effects.js";
import { EventKind } from "../../../firmware/terminal/events.js";
import { createState, type State } from "../../../firmware/terminal/state.js";
import { step } from "../../../firmware/terminal/step.js";
import { commandSchema } from "../../../firmware/tools/link/message-schemas.js";
import { parseConfig } from "../../../firmware/tools/provision/config-schema.js";
import { storedConfig } from "../../../firmware/tools/provision/stored-config.js";
import { CLERK } from "../clerk.js";

const PROTOCOL = readFileSync("firmware/uplink/PROTOCOL.md", "utf8");

type Command = Readonly<Record<string, unknown>> & { readonly do: string };

/** Commands that the app carries out itself: scenarios repeat them. */
const BY_THE_APP = ["totals", "resend", "replace", "piece", "commit", "restart", "unlock"];

const OPEN = { do: "open", transaction: "T-1" };
const INVITE = { do: "invite", transaction: "T-1" };
const PAUSE = { do: "pause", reason: "meeting" };

/** What comes before, the command, its answer when it is given again, and how many records or alerts that adds. */
const ROWS: readonly (readonly [before: readonly Command[], command: Command, again: string, added?: number])[] = [
  [[], INVITE, "ok"],
  [[OPEN], INVITE, "ok"],
  [[INVITE], { do: "cancel", transaction: "T-1" }, "notAsking"],
  [[], OPEN, "ok"],
  [[INVITE], OPEN, "ok"],
  [[OPEN], { do: "finish", transaction: "T-1" }, "ok"],
  [[OPEN], { do: "refer", counter: "9", transaction: "T-1" }, "notOpen"],
  [[], { do: "waiting", count: 3 }, "ok"],
  [[], { do: "time", unix: 1772411403 }, "ok"],
  [[], { do: "neighbour", counter: "7", state: "paused" }, "ok"],
  [[], { do: "leader", by: "9001" }, "ok"],
  [[], PAUSE, "paused"],
  [[OPEN], PAUSE, "approvalNeeded"],
  [[PAUSE], { do: "resume" }, "notPaused"],
  [[], { do: "signOut" }, "notServing"],
  [[OPEN, PAUSE], { do: "approve", by: "9001" }, "nothingAsked"],
  [[], { do: "emergency", text: "fire", crc: 5 }, "ok"],
  [[{ do: "emergency", text: "fire", crc: 5 }], { do: "emergency", text: "", crc: 0 }, "ok"],
  [[], { do: "duplicateBadge", counter: "7" }, "ok", 2],
  [[], { do: "card", staff: "1024", transaction: "T-1", grade: 4, by: "9001" }, "finished"],
  [[], { do: "selfTest" }, "ok"],
];

function give(state: State, command: Command, atMs: number): number {
  const effects = step(state, { kind: EventKind.Commanded, command, atMs });
  return effects.filter((effect) => effect.kind !== EffectKind.Sound).length;
}

describe("A command that is given again", () => {
  it.each(ROWS.map((row) => ({ row, name: JSON.stringify([row[0], row[1]]) })))("$name", ({ row }) => {
    const [before, command, again, added = 0] = row;
    const state = createState(storedConfig(parseConfig({ version: 1, device: "a", counter: "8", neighbours: ["7"] })));
    step(state, { kind: EventKind.BadgePresented, badge: CLERK.badge, staff: CLERK, atMs: 0 });
    for (const each of before) give(state, each, 10_000);
    give(state, command, 20_000);
    const { session, matter, waiting, pause, emergency, unseenKeys, neighbourNotices } = state;
    const told = JSON.stringify([session, matter, waiting, pause, emergency, unseenKeys, neighbourNotices]);
    expect(give(state, command, 20_000)).toBe(added);
    expect(state.result).toBe(again);
    expect(JSON.stringify([state.session, state.matter, state.waiting, state.pause, state.emergency, state.unseenKeys, state.neighbourNotices])).toBe(
      told,
    );
  });

  it("has a row in PROTOCOL.md for every command there is, and here for all that the rules carry out", () => {
    const table = PROTOCOL.slice(PROTOCOL.indexOf("### Commands that are repeated"));
    const told = [...table.slice(0, table.indexOf("## Signed commands")).matchAll(/^\| (`.*?) \|/gm)].flatMap((row) =>
      [...(row[1] ?? "").matchAll(/`(\w+)`/g)].map((name) => name[1]),
    );
    const all = commandSchema.options.map((option) => option.shape.do.value);
    expect(told.toSorted()).toEqual(all.toSorted());
    const tried = new Set<unknown>(ROWS.map(([, command]) => command.do));
    expect(all.filter((name) => !tried.has(name) && !BY_THE_APP.includes(name))).toEqual(["void"]);
  });
});
