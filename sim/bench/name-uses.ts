// How often the terminal uses each name of its program where somebody waits for it: in a start with records, from a citizen's press to the record, and, for less,
// in all else of a session. The build declares the most used names first.

import { type AnyNode, parse } from "acorn";
import type { Board } from "../../firmware/boards/board.js";
import { childrenOf, isKey } from "../../firmware/tools/build/passes/syntax.js";
import { World } from "../world/world.js";
import { AcknowledgingHost, beginSession, endSession, press, sampleFiles, signIn } from "./day.js";
import { ledgerFills } from "./ledger-fill.js";
import { counting, createGlobalsEngine, type Insertion, withInsertions } from "./statements.js";

/** Name of the counters in the program's global object. */
const COUNTERS = "runs";
const PRESSES = 5;
/** A press counts as much as so many starts: a terminal starts once a day. */
const PRESS_WEIGHT = 1;
/** All else between two presses counts as little. */
const REST_WEIGHT = 0.02;
/** The chord window, and the time to the record, in ms. */
const PRESS_MS = 100;
/** An operand of a condition or a logical expression that is not always evaluated counts half. */
const MAYBE = 0.5;

/** Weighted uses of each name of the top level, to a tenth; names that are hardly used are left out. */
export type NameUses = Readonly<Record<string, number>>;

/** A name in a statement, and how often it is used each time that the statement runs. */
interface Reference {
  readonly name: string;
  readonly times: number;
  /** Index of the statement's counter. */
  readonly statement: number;
}

/** @param code of `readableFirmware` for `board` */
export function nameUses(code: string, board: Board): NameUses {
  const { counted, references, statements } = withCounters(code);
  const { engine, globals } = createGlobalsEngine(`var ${COUNTERS} = new Uint32Array(${statements});\n${counted}`);
  const weighted = new Float64Array(statements);
  /** How often each statement has run since the newest start. */
  const runs = (): Uint32Array => (globals()[COUNTERS] as Uint32Array | undefined) ?? new Uint32Array(statements);
  const play = (weight: number, part: () => void): void => {
    const before = runs().slice();
    part();
    const after = runs();
    for (let i = 0; i < statements; i++) weighted[i] = (weighted[i] as number) + weight * ((after[i] as number) - (before[i] as number));
  };

  const withRecords = ledgerFills(board).find(({ isFirst }) => !isFirst);
  if (!withRecords) throw new Error("there is no ledger with records");
  const started = new World({ board, files: sampleFiles(), isTraced: false, engine });
  started.flash.bytes.set(withRecords.bytes);
  play(1, () => started.powerOn());
  started.powerOff();

  const world = new World({ board, files: sampleFiles(), isTraced: false, engine });
  const host = new AcknowledgingHost(world);
  world.powerOn();
  play(REST_WEIGHT, () => signIn(world, host));
  for (let i = 0; i < PRESSES; i++) {
    play(REST_WEIGHT, () => beginSession(world, host, i));
    play(PRESS_WEIGHT / PRESSES, () => press(world, i, PRESS_MS));
    play(REST_WEIGHT, () => endSession(world, host, i));
  }
  host.requireRecords(PRESSES);
  world.powerOff();
  const uses = new Map<string, number>();
  for (const { name, times, statement } of references) uses.set(name, (uses.get(name) ?? 0) + times * (weighted[statement] as number));
  const rounded = [...uses].map(([name, count]) => [name, Math.round(count * 10) / 10] as const).filter(([, count]) => count > 0);
  return Object.fromEntries(rounded.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How many names the interpreter compares on these uses, when the names are declared in this order. */
export function comparisons(order: readonly string[], uses: NameUses): number {
  return order.reduce((sum, name, i) => sum + (uses[name] ?? 0) * (i + 1), 0);
}

/** Puts a counter in front of each statement, and finds the names of the top level in it. @param code in ES5, with each name declared once */
function withCounters(code: string): { readonly counted: string; readonly references: readonly Reference[]; readonly statements: number } {
  const program = parse(code, { ecmaVersion: 5 });
  const topLevel = new Set(
    program.body.flatMap((statement) => {
      if (statement.type === "FunctionDeclaration") return [statement.id.name];
      return statement.type === "VariableDeclaration" ? statement.declarations.map(({ id }) => (id.type === "Identifier" ? id.name : "")) : [];
    }),
  );
  const references: Reference[] = [];
  const insertions: Insertion[] = [];
  let statements = 0;
  const visit = (node: AnyNode, parent: AnyNode | undefined, statement: number, times: number): void => {
    if (node.type === "Identifier") {
      if (topLevel.has(node.name) && !isKey(node, parent)) references.push({ name: node.name, times, statement });
      return;
    }
    let own = statement;
    let often = times;
    if (isStatement(node, parent)) {
      own = statements++;
      often = 1;
      insertions.push(...counting(node, `${COUNTERS}[${own}]++`));
    }
    // What a loop compares and counts runs with its body.
    const isLoop = /^(For|While|DoWhile)/.test(node.type);
    const first = statements;
    if (isLoop && "body" in node) visit(node.body as AnyNode, node, own, 1);
    const repeated = statements > first ? first : own;
    for (const [key, child] of childrenOf(node)) {
      if (isLoop && key === "body") continue;
      const isRepeated = isLoop && (key === "test" || key === "update");
      const isSure = !(node.type === "ConditionalExpression" && key !== "test") && !(node.type === "LogicalExpression" && key === "right");
      visit(child, node, isRepeated ? repeated : own, isSure ? often : often * MAYBE);
    }
  };
  visit(program, undefined, 0, 1);
  return { counted: withInsertions(code, insertions), references, statements };
}

/** Whether a node is a statement that runs: no block, no declaration of a function, and no part of a loop's head. */
function isStatement(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (node.type === "VariableDeclaration") return !/^For/.test(parent?.type ?? "");
  return /Statement$/.test(node.type) && !/^(Block|Empty)/.test(node.type);
}
