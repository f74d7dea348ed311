// Turns a variable that only ever holds one function into a declaration of that function, so that other passes see what its calls do.

import type { FunctionExpression } from "acorn";
import { MappedText } from "./mapped-text.js";
import { Changes, type Program } from "./program.js";
import { nameOf } from "./syntax.js";

export function nameFunctions(program: Program): Program {
  const changes = new Changes();
  for (const { name, statement, init } of program.constants()) {
    if (init.type !== "FunctionExpression" || init.id) continue;
    changes.add([{ start: statement.start, end: statement.end, text: declarationOf(program, name, init) }]);
  }
  return changes.appliedTo(program);
}

/** The declaration of a function that is an expression so far. */
export function declarationOf(program: Program, name: string, node: FunctionExpression): MappedText {
  return MappedText.join([`function ${name}(${node.params.map(nameOf).join(", ")}) `, program.textOf(node.body), "\n"]);
}
