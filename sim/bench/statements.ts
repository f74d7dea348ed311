// Counts the statements that the firmware executes on the `bundle` engine: its bundle is not minified, and has a counter in front of each statement.

import vm from "node:vm";
import { parse } from "acorn";
import { simple } from "acorn-walk";
import { rollup } from "rollup";
import { firmwareOptions } from "../../firmware/tools/build/bundle.js";
import { runOnFakeBoard } from "../engines/bundle.js";
import type { Engine } from "../world/world.js";

/** Name of the counter in the bundle's global object. */
const COUNTER = "executedStatements";

/** An engine that counts. */
export interface CountingEngine extends Engine {
  /** Number of statements since the power came on; 0 while the firmware starts. */
  statements(): number;
}

/** The bundle of a board before it is minified. */
export async function readableFirmware(boardName: string): Promise<string> {
  const { output, plugins, ...input } = firmwareOptions(boardName);
  const minifier = plugins.findIndex(({ name }) => name === "minify");
  const bundle = await rollup({ ...input, plugins: plugins.slice(0, minifier), onLog: () => undefined });
  const { output: chunks } = await bundle.generate(output);
  await bundle.close();
  return chunks[0].code;
}

/** An engine that runs a program with counters, and the globals of its newest run: none before the first, and while the firmware starts. */
export function createGlobalsEngine(code: string): { readonly engine: Engine; globals(): Readonly<Record<string, unknown>> } {
  const script = new vm.Script(code, { filename: "firmware.js" });
  let globals: Readonly<Record<string, unknown>> = {};
  return {
    engine: {
      name: "bundle",
      start(world) {
        globals = {};
        const running = runOnFakeBoard(script, world);
        globals = running.globals;
        return { inputs: running.board.inputs, stop: () => running.board.stop() };
      },
    },
    globals: () => globals,
  };
}

/** @param code of `readableFirmware` */
export function createCountingEngine(code: string): CountingEngine {
  const { engine, globals } = createGlobalsEngine(countStatements(code));
  return { ...engine, statements: () => Number(globals()[COUNTER] ?? 0) };
}

/**
 * Puts a counter in front of every statement, except blocks and declarations of functions. A loop counts once, and its body each time.
 * @param code in ES5
 */
export function countStatements(code: string): string {
  const insertions: Insertion[] = [];
  simple(parse(code, { ecmaVersion: 5 }), {
    Statement(node) {
      if (node.type === "BlockStatement" || node.type === "FunctionDeclaration" || node.type === "EmptyStatement") return;
      insertions.push(...counting(node, `${COUNTER}++`));
    },
  });
  return `var ${COUNTER} = 0;\n${withInsertions(code, insertions)}`;
}

/** A text that is put in front of a place. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** The insertions that put a counter in front of a statement. @param counter an expression that counts */
export function counting({ start, end }: { readonly start: number; readonly end: number }, counter: string): readonly Insertion[] {
  return [
    { at: start, text: `{${counter};` },
    { at: end, text: "}" },
  ];
}

/** A program with what `counting` gives for its statements. */
export function withInsertions(code: string, insertions: readonly Insertion[]): string {
  // At a place with an end and a beginning, the text of the end comes first.
  const sorted = [...insertions].sort((a, b) => a.at - b.at || (a.text < b.text ? 1 : -1));
  let from = 0;
  const parts = sorted.map(({ at, text }) => {
    const before = code.slice(from, at);
    from = at;
    return before + text;
  });
  return parts.join("") + code.slice(from);
}
