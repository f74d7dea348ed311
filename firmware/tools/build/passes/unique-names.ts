// Gives every variable, parameter and function a name of its own, so that the passes behind it can move code to another scope without looking at scopes.
// Then it splits the declarations of the top level, one variable a statement.

import type { AnyNode, Identifier } from "acorn";
import type { MappedText } from "./mapped-text.js";
import { freshName } from "./program.js";
import { isFunction, isKey, nameOf, parseProgram, walk } from "./syntax.js";

/** A program that cannot be optimized as a whole, because a part of it depends on where it stands. */
export class ProgramError extends Error {}

/** @throws ProgramError when the program uses `this`, `arguments` or `eval` */
export function uniqueNames(source: MappedText): MappedText {
  const program = parseProgram(source.text);
  /** The names that belong to each function, to each `catch` and to the program, with their new names. */
  const scopes = new Map<AnyNode, Map<string, string>>();
  const declare = (owner: AnyNode, name: string): void => {
    if (!scopes.has(owner)) scopes.set(owner, new Map());
    scopes.get(owner)?.set(name, name);
  };
  const identifiers: { readonly node: Identifier; readonly path: readonly AnyNode[] }[] = [];
  walk(program, (node, path) => {
    const around = path.findLast((each) => isFunction(each) || each.type === "Program") as AnyNode;
    if (node.type === "ThisExpression") throw new ProgramError(`"this" at ${excerpt(source.text, node)}`);
    if (node.type === "VariableDeclarator") declare(around, nameOf(node.id));
    if (node.type === "CatchClause") declare(node, nameOf(node.param));
    if (isFunction(node)) for (const parameter of node.params) declare(node, nameOf(parameter));
    if (node.type === "FunctionDeclaration") declare(around, nameOf(node.id));
    if (node.type === "FunctionExpression" && node.id) declare(node, node.id.name);
    if (node.type === "Identifier" && !isKey(node, path.at(-1))) identifiers.push({ node, path: [...path] });
  });
  const found = identifiers.map(({ node, path }) => {
    // The name of a function declaration belongs to the scope around it.
    const last = path.at(-1);
    const from = last?.type === "FunctionDeclaration" && last.id === node ? path.slice(0, -1) : path;
    return { node, owner: from.findLast((each) => scopes.get(each)?.has(node.name)) };
  });
  const taken = new Set(found.filter(({ owner }) => !owner).map(({ node }) => node.name));
  for (const name of ["arguments", "eval"]) if (taken.has(name)) throw new ProgramError(`the program uses "${name}"`);
  // From the outside in, so that names of the top level stay as they are.
  for (const [, names] of [...scopes].sort(([a], [b]) => a.start - b.start || b.end - a.end)) {
    for (const name of names.keys()) names.set(name, freshName(name, taken));
  }
  return splitDeclarations(
    source.edited(
      found.flatMap(({ node, owner }) => {
        const name = owner && scopes.get(owner)?.get(node.name);
        return name && name !== node.name ? [{ start: node.start, end: node.end, text: name }] : [];
      }),
    ),
  );
}

/** Makes one statement of each variable that the top level declares. */
export function splitDeclarations(source: MappedText): MappedText {
  return source.edited(
    parseProgram(source.text).body.flatMap((node) => {
      if (node.type !== "VariableDeclaration") return [];
      return node.declarations.slice(1).map(({ start }, i) => ({ start: (node.declarations[i] as AnyNode).end, end: start, text: ";\nvar " }));
    }),
  );
}

function excerpt(code: string, { start }: AnyNode): string {
  return `"${code.slice(Math.max(0, start - 20), start + 60)}"`;
}
