// Removes a parameter to which every call gives the same variable of the top level, or the same literal: the function uses that one itself.

import type { AnyNode } from "acorn";
import type { Edit } from "./mapped-text.js";
import { Changes, callsOf, type Name, type Program } from "./program.js";
import { nameOf, numberOf } from "./syntax.js";

export function removeConstantParameters(program: Program): Program {
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
      const { text: code } = program.source;
      changes.add([
        without(code, params, i, code.indexOf("(", (declaration.id as AnyNode).end) + 1, declaration.body.start),
        ...calls.map((call) => without(code, call.arguments, i, code.indexOf("(", call.callee.end) + 1, call.end)),
        ...parameter.uses
          .filter(({ node }) => !calls.some((call) => call.arguments[i] === node))
          .map(({ node }) => ({ start: node.start, end: node.end, text })),
      ]);
    }
  }
  return changes.appliedTo(program);
}

/**
 * The edit that removes an element of a list, with one comma. An argument may stand in parentheses of its own, so the commas tell where it begins and ends.
 * @param begin of the list, behind its parenthesis
 * @param end of what surrounds the list; its closing parenthesis is the last one before
 */
function without(code: string, list: readonly AnyNode[], i: number, begin: number, end: number): Edit {
  const commaBehind = (k: number): number => code.indexOf(",", (list[k] as AnyNode).end);
  const start = i > 0 ? commaBehind(i - 1) : begin;
  if (i + 1 < list.length) return { start, end: i > 0 ? commaBehind(i) : commaBehind(i) + 1, text: "" };
  return { start, end: code.lastIndexOf(")", end - 1), text: "" };
}

/** Whether an expression has the same value everywhere and at any time. */
function isFixed(program: Program, node: AnyNode): boolean {
  if (node.type === "Identifier") {
    const known = program.names.get(node.name);
    return known?.statement !== undefined && known.sets === 1;
  }
  return node.type === "Literal" || numberOf(node) !== undefined;
}
