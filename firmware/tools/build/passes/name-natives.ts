// Gives each function of the interpreter that the program calls more than once a variable of its own. The interpreter compares the name of such a function with
// every name of the program before it looks among its own names; a variable is found on the way, and its name becomes short.

import { freshName, type Name, type Program } from "./program.js";

/** Fewer calls do not make up for the declaration. */
const LEAST_CALLS = 2;

/** A module is named where it is read: tools that upload programs look for this word. */
const KEPT = ["require"];

export function nameNatives(program: Program): Program {
  const natives = [...program.names.values()].filter(isCalledNative);
  if (natives.length === 0) return program;
  const taken = new Set(program.names.keys());
  const named = natives.map(({ name, uses }) => ({ name, uses, own: freshName(`native_${name}`, taken) }));
  const declarations = named.map(({ name, own }) => `var ${own} = ${name};\n`).join("");
  const edits = named.flatMap(({ uses, own }) => uses.map(({ node }) => ({ start: node.start, end: node.end, text: own })));
  return program.edited([{ start: 0, end: 0, text: declarations }, ...edits]);
}

/** Whether a name is only ever called, as a function and not with `new`, and is the interpreter's: those begin with a small letter, and pins and objects do not. */
function isCalledNative({ name, uses, sets, isDeclared }: Name): boolean {
  if (isDeclared || sets > 0 || uses.length < LEAST_CALLS || KEPT.includes(name) || !/^[a-z]/.test(name)) return false;
  return uses.every(({ node, path }) => {
    const parent = path.at(-1);
    return parent?.type === "CallExpression" && parent.callee === node;
  });
}
