// Commands from the host: everything that the keys can do, and everything that only the host knows. No field of a command is trusted before it is checked.
// `state.result` says what came of it. PROTOCOL.md describes all commands. A command that changes records names its author (rules E9, E11, R1, R7).

import { Outcome, RecordType } from "../ledger/records.js";
import { placeOf } from "../text.js";
import { raiseAlert } from "./alerts.js";
import { takeTime } from "./clock-change.js";
import { askToSignOut } from "./duty.js";
import { append, setResult } from "./effects.js";
import { setEmergency } from "./emergency.js";
import { noteNeighbour, setLeader } from "./neighbours.js";
import { askToPause, endPause, isPauseReason } from "./pause.js";
import { beginSelfTest } from "./self-test.js";
import { closeSession, invite, isAsking } from "./session.js";
import type { State } from "./state.js";
import { approve } from "./supervisor.js";
import { endMatter, Mark, markOf, openMatter, refer, setMark, setWaiting } from "./transaction.js";

type Command = Readonly<Record<string, unknown>>;

/** Whether a command names this transaction, or none: one that is repeated late must not end the next citizen's matter. */
function isMeant(command: Command, transaction: string): boolean {
  const named = command["transaction"];
  return named === undefined || named === transaction;
}

/**
 * A field that has to be a short opaque word. Where it is not, the result is "" and `state.result` says so. Digits that could be a citizen's identity or
 * phone number are refused (rule R6).
 */
export function wordIn(state: State, command: Command, name: string): string {
  const value = command[name];
  if (
    typeof value === "string" &&
    value.length <= 16 &&
    /^[A-Za-z0-9._-]+$/.test(value) &&
    !isCitizens(value.split("-").join("").split(".").join("").split("_").join(""))
  ) {
    return value;
  }
  setResult(state, "bad " + name);
  return "";
}

/** Whether these are digits that can be an identity number, or a mobile number, with or without the code of the country. */
function isCitizens(value: string): boolean {
  const long = value.length - 11;
  return (
    /^[0-9]+$/.test(value) &&
    (long === 4 || (long >= 0 && /^1[3-9]/.test(value.substr(long)) && placeOf("  0 86 ", " " + value.substr(0, long) + " ") >= 0))
  );
}

/** Whether a field is a whole number within these bounds. Where it is not, `state.result` says so. */
function hasWhole(state: State, command: Command, name: string, least: number, most: number): boolean {
  const value = command[name] as number;
  // `===` refuses a value that is not a number.
  if (value >= least && value <= most && value === Math.floor(value)) return true;
  setResult(state, "bad " + name);
  return false;
}

/** Whether a field is true, or false or missing. Where it is not, `state.result` says so. */
function hasFlag(state: State, command: Command, name: string): boolean {
  const value = command[name];
  if (!value || value === true) return true;
  setResult(state, "bad " + name);
  return false;
}

/** @cold Carries out a command. The app has checked that `by` is a supervisor, and that the record of a `void` exists. */
export function obey(state: State, command: Command, atMs: number): void {
  const what = command["do"];
  setResult(state, "ok");

  if (what === "invite") {
    const transaction = wordIn(state, command, "transaction");
    if (transaction && hasFlag(state, command, "long")) invite(state, transaction, command["long"] as boolean, atMs);
  } else if (what === "cancel") {
    if (isAsking(state) && isMeant(command, state.transaction)) closeSession(state, Outcome.Cancelled, atMs);
    else setResult(state, "notAsking");
  } else if (what === "open") {
    const matter = wordIn(state, command, "transaction");
    if (markOf(state, matter) > Mark.Again && matter !== state.matter) setResult(state, "finished");
    else if (matter && hasFlag(state, command, "waited") && hasFlag(state, command, "long"))
      openMatter(state, matter, command["waited"] ? "waited" : "welcome", command["long"] as boolean, atMs);
  } else if (what === "finish") {
    if (isMeant(command, state.matter)) endMatter(state, "");
  } else if (what === "refer") {
    const counter = wordIn(state, command, "counter");
    if (!isMeant(command, state.matter)) setResult(state, "notOpen");
    else if (counter) refer(state, counter, atMs);
  } else if (what === "waiting") {
    if (hasWhole(state, command, "count", 0, 9999)) setWaiting(state, command["count"] as number, atMs);
  } else if (what === "time") {
    if (hasWhole(state, command, "unix", 1577836800, 4294967294)) takeTime(state, command["unix"] as number, atMs);
  } else if (what === "pause") {
    const reason = command["reason"] as string;
    if (isPauseReason(reason)) askToPause(state, reason, atMs);
    else setResult(state, "bad reason");
  } else if (what === "resume") {
    if (state.pause) endPause(state, atMs);
    else setResult(state, "notPaused");
  } else if (what === "signOut") {
    if (state.clerk) askToSignOut(state, atMs);
    else setResult(state, "notServing");
  } else if (what === "approve") {
    if (!approve(state, command["by"] as string, atMs)) setResult(state, "nothingAsked");
  } else if (what === "neighbour") {
    const counter = wordIn(state, command, "counter");
    if (counter) noteNeighbour(state, counter, command["state"] as string, atMs);
  } else if (what === "leader") setLeader(state, command["by"] as string, atMs);
  else if (what === "emergency") {
    // The app has decoded the text, and has checked that the display can show it.
    setEmergency(state, command["text"] as string, (command["crc"] as number) || 0, atMs);
  } else if (what === "duplicateBadge") {
    const other = wordIn(state, command, "counter");
    if (other) raiseAlert(state, "duplicateBadge", (state.clerk ? state.clerk.number : "") + " " + other);
  } else if (what === "card") {
    // A rating from a paper card, entered later by a supervisor.
    const staff = wordIn(state, command, "staff");
    const rated = staff && wordIn(state, command, "transaction");
    if (rated && hasWhole(state, command, "grade", 1, 5)) {
      const mark = markOf(state, rated);
      if (mark > Mark.Closed) setResult(state, "finished");
      else if (isAsking(state) && state.transaction === rated) setResult(state, "busy");
      else {
        append(state, RecordType.Card, [staff, rated, command["grade"] as number, command["by"] as string]);
        setMark(state, rated, mark ? Mark.Rated : Mark.Card);
      }
    }
  } else if (what === "void") {
    const why = wordIn(state, command, "reason");
    // The app has looked up where the record was counted, and whose grade it was.
    if (why) {
      append(state, RecordType.Voided, [command["seq"] as number, command["by"] as string, why].concat((command["counted"] as string[]) || []));
      const voided = command["transaction"] as string;
      const mark = markOf(state, voided);
      // Without such a mark the record is of an earlier day, and today the id means another matter.
      if (mark > Mark.Closed) setMark(state, voided, mark === Mark.Card ? Mark.None : Mark.Again);
    }
  } else if (what === "selfTest") beginSelfTest(state, atMs);
  else setResult(state, "unknownCommand");
}
