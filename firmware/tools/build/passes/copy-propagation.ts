// Copy propagation: where a variable is only a second name of another constant or function, uses the first name.

import { Changes, type Program, replacing } from "./program.js";

export function copyPropagation(program: Program): Program {
  const changes = new Changes();
  for (const { uses, statement, init } of program.constants()) {
    const original = init.type === "Identifier" ? program.names.get(init.name) : undefined;
    if (original?.statement && original.sets === 1) changes.add(replacing(statement, uses, original.name));
  }
  return changes.appliedTo(program);
}
