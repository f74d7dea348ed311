// Removes functions that nobody calls. The minifier would do it later; here it shows other passes that a variable which only such a function sets is constant.

import { Changes, type Program } from "./program.js";

export function removeDeadFunctions(program: Program): Program {
  const changes = new Changes();
  for (const [{ uses }, { start, end }] of program.functions()) if (uses.length === 0) changes.add([{ start, end, text: "" }]);
  return changes.appliedTo(program);
}
