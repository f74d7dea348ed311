// Removes a parameter to which every call gives the same variable of the top level, or the same literal: the function uses that one itself.

import type { AnyNode } from "acorn";
import type { MappedText } from "./mapped-text.js";
import { Changes, callsOf, type Name, type Program } from "./program.js";
import { nameOf, numberOf } from "./syntax.js";

export function removeConstantParameters(program: Program): MappedText {
  const changes = new Changes();
  for (const [called, declaration] of program.functions()) {
    const calls = callsOf(called);
    if (!calls?.length) continue;
    const { params } = declaration;
    for (let i = 0; i < params.length; i++) {
      const parameter = program.names.get(nameOf(params[i])) as Name;
      if (parameter.sets > 1) continue;
      // A function that calls itself may hand its own parameter on.
      const values = calls.map((call) => call.arguments[i]).filter((value) => value?.type !== "Identifier" || value.name !== parameter.name);
      const first = values[0];
      if (!first || !isFixed(program, first)) continue;
      const { text } = program.textOf(first);
      if (!values.every((value) => value && isFixed(program, value) && program.textOf(value).text === text)) continue;
      const without = (list: readonly AnyNode[]): { start: number; end: number; text: string } => {
        const [before, own, behind] = [list[i - 1], list[i] as AnyNode, list[i + 1]];
        return { start: before?.end ?? own.start, end: before || !behind ? own.end : behind.start, text: "" };
      };
      changes.add([
        without(params),
        ...calls.map((call) => without(call.arguments)),
        ...parameter.uses
          .filter(({ node }) => !calls.some((call) => call.arguments[i] === node))
          .map(({ node }) => ({ start: node.start, end: node.end, text })),
      ]);
    }
  }
  return changes.appliedTo(program.source);
}

/** Whether an expression has the same value everywhere and at any time. */
function isFixed(program: Program, node: AnyNode): boolean {
  if (node.type === "Identifier") {
    const known = program.names.get(node.name);
    return known?.statement !== undefined && known.sets === 1;
  }
  return node.type === "Literal" || numberOf(node) !== undefined;
}
