// Each field of the terminal's state is written by the file that owns it, and by no other.

import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findStateWrites } from "./state-writes.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const files = readdirSync(path.join(ROOT, "firmware"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => path.posix.join("firmware", file.split(path.sep).join("/")))
  .sort();

/** Every way to write a field, or to hand it to somebody who could, each with the field that it writes. */
const WAYS: readonly (readonly [statement: string, field: string])[] = [
  ['state.pause = "brief";', "pause"],
  ["state.keysDown |= 1;", "keysDown"],
  ["state.waiting++;", "waiting"],
  ["--state.waiting;", "waiting"],
  ['state["notice"] = "";', "notice"],
  ["delete (state as Partial<State>).clerk;", "clerk"],
  ["(state.grade as number) = 5;", "grade"],
  ["state.presses[0] = 1;", "presses"],
  ['state.neighbours["7"] = "open";', "neighbours"],
  ['delete state.neighbours["7"];', "neighbours"],
  ['state.neighbourNotices.push("7");', "neighbourNotices"],
  ["state.effects.splice(0, 1);", "effects"],
  ["state.downSinceMs.set([1], 0);", "downSinceMs"],
  ["[state.matter, state.matterBy] = list as [string, string];", "matter"],
  ["({ a: state.emergency = list[0] as string } = { a: list[1] });", "emergency"],
  ["for (state.transaction of list) list.pop();", "transaction"],
  ["for (state.asked in {}) list.pop();", "asked"],
  ['Object.assign(state.neighbours, { "7": "open" });', "neighbours"],
  ["const notices = state.neighbourNotices;", "neighbourNotices"],
  ["change(state.neighbourNotices);", "neighbourNotices"],
  ['Object.assign(state, { pause: "" });', "*"],
  ["changePause(state);", "*"],
  ["const other: { pause: string } = state;", "*"],
  ['(state as { pause: string }).pause = "";', "*"],
  ['state[name] = "";', "*"],
];

const BAD_FILE = "firmware/terminal/bad.ts";
const BAD_SOURCE = `import type { State } from "./state.js";
declare const list: string[];
declare function change(list: string[]): void;
declare function changePause(paused: { pause: string }): void;
export function bad(state: State, name: "pause" | "notice"): void {
${WAYS.map(([statement]) => `  { ${statement} }`).join("\n")}
}
`;
const LINES_BEFORE = 5;

const GOOD_FILE = "firmware/terminal/good.ts";
const GOOD_SOURCE = `import type { State } from "./state.js";
declare function look(state: State): string;
export function good(state: State, copy: { pause: string; notices: string[] }): string {
  const pause = state.pause;
  copy.pause = pause;
  copy.notices.push(state.neighbours["7"] || look(state), state.presses.join(" "));
  return state.neighbourNotices.indexOf(pause) < 0 && state.neighbourNotices[0] === state.matter ? state.notice : copy.pause;
}
`;

const { owners, writes } = findStateWrites(
  ROOT,
  files,
  new Map([
    [BAD_FILE, BAD_SOURCE],
    [GOOD_FILE, GOOD_SOURCE],
  ]),
);

describe("the terminal's state", () => {
  it("has an owner for every field but the configuration, which is a file of the terminal", () => {
    expect([...owners].filter(([, owner]) => owner === undefined).map(([field]) => field)).toEqual(["config"]);
    expect([...new Set(owners.values())].filter((owner) => owner !== undefined && !files.includes(owner))).toEqual([]);
  });

  it("is written by the owner of each field alone", () => {
    const wrong = writes.filter(({ file, owner }) => files.includes(file) && file !== owner);
    expect(wrong.map(({ file, line, field, owner }) => `${file}:${line} writes ${field}, which belongs to ${owner ?? "nobody"}`)).toEqual([]);
  });

  it("has no field that its owner never writes", () => {
    const written = new Set(writes.filter(({ file, owner }) => file === owner).map(({ field }) => field));
    expect([...owners.keys()].filter((field) => !written.has(field))).toEqual(["config"]);
  });
});

describe("the search for writes", () => {
  it.each(WAYS.map(([statement, field], i) => ({ statement, field, line: LINES_BEFORE + 1 + i })))("finds $statement", ({ field, line }) => {
    expect(writes.filter((write) => write.file === BAD_FILE && write.line === line).map((write) => write.field)).toContain(field);
  });

  it("finds nothing in a source that only reads", () => {
    expect(writes.filter(({ file }) => file === GOOD_FILE)).toEqual([]);
  });
});
