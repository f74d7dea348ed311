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

/** @param code of `readableFirmware` */
export function createCountingEngine(code: string): CountingEngine {
  const script = new vm.Script(countStatements(code), { filename: "firmware.js" });
  let globals: Record<string, unknown> | undefined;
  return {
    name: "bundle",
    start(world) {
      globals = undefined;
      const running = runOnFakeBoard(script, world);
      globals = running.globals;
      return { inputs: running.board.inputs, stop: () => running.board.stop() };
    },
    statements: () => Number(globals?.[COUNTER] ?? 0),
  };
}

/**
 * Puts a counter in front of every statement, except blocks and declarations of functions. A loop counts once, and its body each time.
 * @param code in ES5
 */
export function countStatements(code: string): string {
  const insertions: { readonly at: number; readonly text: string }[] = [];
  simple(parse(code, { ecmaVersion: 5 }), {
    Statement(node) {
      if (node.type === "BlockStatement" || node.type === "FunctionDeclaration" || node.type === "EmptyStatement") return;
      insertions.push({ at: node.start, text: `{${COUNTER}++;` }, { at: node.end, text: "}" });
    },
  });
  // At a place with an end and a beginning, the text of the end comes first.
  insertions.sort((a, b) => a.at - b.at || (a.text < b.text ? 1 : -1));
  const counted: string[] = [];
  let from = 0;
  for (const { at, text } of insertions) {
    counted.push(code.slice(from, at), text);
    from = at;
  }
  counted.push(code.slice(from));
  return `var ${COUNTER} = 0;\n${counted.join("")}`;
}
