// Optimizes the firmware as one program that runs once. Modules and factories are for people: on a board each function, closure and object takes memory
// for good, and each level of nesting costs time. BUILD.md has the passes with what each is worth.

import { constantPropagation } from "./constant-propagation.js";
import { copyPropagation } from "./copy-propagation.js";
import { inlineFactories } from "./inline-factories.js";
import { MappedText } from "./mapped-text.js";
import { nameFunctions } from "./name-functions.js";
import { nameNatives } from "./name-natives.js";
import { Program } from "./program.js";
import { removeConstantParameters } from "./remove-constant-parameters.js";
import { removeDeadFunctions } from "./remove-dead-functions.js";
import { scalarReplacement } from "./scalar-replacement.js";
import { sinkIntoCaller } from "./sink-into-caller.js";
import { uniqueNames } from "./unique-names.js";

/** A change of a program that leaves what it does as it is. It returns the very same program when it finds nothing to change. */
export type Pass = (program: Program) => Program;

/** These are tried in this order: after each change all of them are tried again, from the first one on. */
const REPEATED: readonly Pass[] = [
  constantPropagation,
  copyPropagation,
  nameFunctions,
  scalarReplacement,
  removeDeadFunctions,
  inlineFactories,
  removeConstantParameters,
];

/** These run once, at the end: the others would undo them. */
const LAST: readonly Pass[] = [sinkIntoCaller, nameNatives];

/** All passes. */
export const PASSES: readonly Pass[] = [...REPEATED, ...LAST];

/**
 * @param code a script in ES5, of one program
 * @param passes all of them, unless somebody measures what one is worth
 * @returns a program that does the same, in which no two declarations have one name
 * @throws ProgramError when it uses `this`, `arguments` or `eval`
 */
export function optimizeProgram(code: string, passes = PASSES): MappedText {
  let program = Program.of(uniqueNames(MappedText.of(code)));
  const repeated = passes.filter((pass) => !LAST.includes(pass));
  for (let i = 0; i < repeated.length; ) {
    const changed = (repeated[i] as Pass)(program);
    i = changed === program ? i + 1 : 0;
    program = changed;
  }
  for (const pass of LAST) if (passes.includes(pass)) program = pass(program);
  return program.source;
}
