// The figures that need no interpreter: flash bytes of a session, statements of a press and of a start, and simulated days in a second.

import type { Board } from "../../firmware/boards/board.js";
import { BUDGETS } from "../../firmware/tools/build/budgets.js";
import type { StoreFiles } from "../../firmware/tools/provision/site.js";
import { nodeEngine } from "../engines/node.js";
import { World } from "../world/world.js";
import { AcknowledgingHost, DAY_MS, EDGE_MS, playDay, signIn } from "./day.js";
import type { Figure } from "./figure.js";
import { FULL, type LedgerFill } from "./ledger-fill.js";
import type { CountingEngine } from "./statements.js";

/** A start with a full ledger also tries the pages and says to use the paper card. That may take so much more of the statements, as a fraction. */
const MOST_FOR_FULL = 0.15;
/** Size of a slot of the ledger, in bytes, and the number of a session's record type: see FORMAT.md. */
const SLOT_BYTES = 64;
const SESSION_TYPE = 4;

/** Flash bytes that are written for a session. @param sessions number of sessions in the day */
export function flashFigures(board: Board, files: StoreFiles, sessions: number): readonly Figure[] {
  const world = new World({ board, engine: nodeEngine, files });
  playDay(world, new AcknowledgingHost(world), sessions);
  let sessionBytes = 0;
  let otherBytes = 0;
  let stateBytes = 0;
  for (const line of world.trace) {
    if (!("flash" in line)) continue;
    // The first bytes of a record's first slot are its number of slots and its type.
    const isSession = (Number.parseInt(line.data.slice(2, 4), 16) & 127) === SESSION_TYPE;
    const isBegin = line.offset % SLOT_BYTES === 0;
    if (isBegin && isSession) sessionBytes += Number.parseInt(line.data.slice(0, 2), 16) * SLOT_BYTES;
    if (line.atMs > EDGE_MS && line.atMs < DAY_MS - EDGE_MS) stateBytes += line.data.length / 2;
    else otherBytes += line.data.length / 2;
  }
  stateBytes -= sessionBytes;
  return [
    {
      what: "flash bytes a session",
      unit: "bytes",
      measured: sessionBytes / sessions,
      budget: BUDGETS.sessionFlashBytes,
      note: `${sessions} sessions in a day, staff number of 5 characters, transaction of 8`,
    },
    {
      what: "flash bytes a session, the day's states shared out",
      unit: "bytes",
      measured: (sessionBytes + stateBytes) / sessions,
      note: "a state of 64 bytes behind every 16 records; nothing else is written between signing in and out",
    },
    {
      what: "flash bytes a day besides",
      unit: "bytes",
      measured: otherBytes,
      note: "page header, start, signing in and out, and the totals where they are due",
    },
  ];
}

/** Statements from a citizen's press to the light, the tone and the record. */
export function pressStatementFigures(engine: CountingEngine, board: Board, files: StoreFiles): readonly Figure[] {
  const world = new World({ board, engine, files, isTraced: false });
  const host = new AcknowledgingHost(world);
  world.powerOn();
  signIn(world, host);
  host.invite("T-100001");
  world.advanceTo(world.clock.nowMs + 4000);
  const before = engine.statements();
  let light: number | undefined;
  let tone: number | undefined;
  let record: number | undefined;
  world.onTrace((line) => {
    const statements = engine.statements() - before;
    if ("lamp" in line && line.lamp === "answer" && line.isLit) light ??= statements;
    else if ("toneHz" in line && line.toneHz > 0) tone ??= statements;
    // The last write before the thanks commits the record.
    else if ("flash" in line) record = statements;
  });
  world.setKey("key1", true);
  world.advanceTo(world.clock.nowMs + 200);
  world.powerOff();
  if (!light || !tone || !record) throw new Error("a press was not answered by light, tone and record");
  const figure = (what: string, measured: number): Figure => ({ what, unit: "statements", measured, budget: BUDGETS.pressStatements });
  return [
    figure("press to light", light),
    figure("press to first tone", tone),
    { what: "press to committed record", unit: "statements", measured: record, note: "with the end of the tone, which comes before it" },
  ];
}

/** Statements of a start, one figure for each state of the ledger. */
export function startStatementFigures(engine: CountingEngine, board: Board, files: StoreFiles, fills: readonly LedgerFill[]): readonly Figure[] {
  let least: number | undefined;
  return fills.map(({ name, bytes, isFirst }) => {
    const world = new World({ board, engine, files, isTraced: false });
    world.flash.bytes.set(bytes);
    world.powerOn();
    const measured = engine.statements();
    world.powerOff();
    const figure = { what: `start, ${name}`, unit: "statements", measured };
    if (isFirst) return { ...figure, note: "erases the page and checks it" };
    least ??= measured;
    if (name === FULL) return { ...figure, budget: Math.ceil(least * (1 + MOST_FOR_FULL)), note: "says to use the paper card, too" };
    return { ...figure, budget: least, note: "the same however many records" };
  });
}

/** Counter-days that are simulated in a second of one core. @param seconds time of the measurement, and of the warm-up before it */
export function speedFigure(board: Board, files: StoreFiles, sessions: number, seconds: number): Figure {
  const playFor = (): number => {
    const begin = process.cpuUsage();
    for (let days = 1; ; days++) {
      const world = new World({ board, engine: nodeEngine, files, isTraced: false });
      playDay(world, new AcknowledgingHost(world), sessions);
      const { user, system } = process.cpuUsage(begin);
      const usedSeconds = (user + system) / 1e6;
      if (usedSeconds >= seconds) return days / usedSeconds;
    }
  };
  playFor();
  return {
    what: "simulated counter-days a second of one core",
    unit: "days/s",
    measured: playFor(),
    budget: BUDGETS.daysPerSecond,
    isLeast: true,
    isTimed: true,
    note: `${sessions} sessions in 9 hours with power`,
  };
}
