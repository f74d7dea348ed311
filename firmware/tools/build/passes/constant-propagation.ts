// Constant propagation: writes numbers and short strings where they are used, in place of the variables that hold them.

import { Changes, type Program, replacing } from "./program.js";
import { isFunction, numberOf } from "./syntax.js";

/** A string of fewer characters than this is written at each use; a longer one only if it is used once. */
const SHORT_STRING_CHARACTERS = 6;

export function constantPropagation(program: Program): Program {
  const changes = new Changes();
  for (const { uses, statement, init } of program.constants()) {
    const string = init.type === "Literal" && typeof init.value === "string" ? init.value : undefined;
    const number = numberOf(init);
    if (number !== undefined) {
      // The space keeps two minus signs apart, which would be another operator.
      changes.add(replacing(statement, uses, number < 0 ? ` ${number}` : `${number}`));
    } else if (string !== undefined && (uses.length < 2 || string.length < SHORT_STRING_CHARACTERS)) {
      changes.add(replacing(statement, uses, program.textOf(init).text));
    } else if (init.type === "Identifier" && !program.names.get(init.name)?.isDeclared && uses.length === 1) {
      // An object of the interpreter. Inside a function it would be searched for at each call.
      if (!uses[0]?.path.some(isFunction)) changes.add(replacing(statement, uses, init.name));
    }
  }
  return changes.appliedTo(program);
}
