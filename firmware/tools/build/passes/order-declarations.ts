// Declares first the names that are used most. The interpreter finds a name of the top level by comparing it with one after the other, in the order of their
// declarations: with three hundred names that was a third of all its work. A recorded day tells how often each name is used; of names that it does not know,
// the program itself tells, roughly.

import type { AnyNode, AssignmentExpression, Expression, ExpressionStatement, FunctionDeclaration, Program, VariableDeclarator } from "acorn";
import { MappedText } from "./mapped-text.js";
import { childrenOf, isKey, nameOf, parseMinified, walk } from "./syntax.js";

/** Lines of a program are broken behind so many characters. */
export const LINE_CHARACTERS = 200;

/** So many names stand before the objects of the interpreter. */
const FIRST = 8;

/**
 * So many names that are parameters of at least so many functions stand before all others: until the interpreter has read the arrow, it takes the names in
 * front of it for names of the top level, and searches for each of them.
 */
const PARAMETERS = 6;
const LEAST_PARAMETERS = 8;

/** The prototypes of strings, arrays and bytes. The interpreter finds their methods faster once these names have been mentioned. */
const PROTOTYPES = ["String", "Object", "Array", "ArrayBufferView"];

/** The same holds for these objects, if the program uses them. */
const OBJECTS = ["E", "Math", "JSON", "Uint8Array", "Uint32Array", "DataView"];

/** Estimates: how often a branch runs, and a function that is handed over. */
const BRANCHES = 0.9;
const HANDED_OVER = 0.5;

/** Functions may call each other in a circle: an estimate ends at so many uses, and after so many rounds. */
const MOST_USES = 200;
const ROUNDS = 4;

/** A place where a name is used that is not declared inside the function around it. */
interface Reference {
  /** The function of the top level around it, or "". */
  readonly owner: string;
  readonly name: string;
  /** How often it is evaluated each time that its owner runs. */
  readonly times: number;
}

/**
 * Declares the names of the top level in the order of their use: functions, and variables that are constant or get no value in their declaration. All others get their value
 * where they stood. Functions become variables that hold arrow functions: the interpreter compares the name of a declared function with every name before it
 * in full, which takes ten times as long. No function here uses `this`, so an arrow function takes no more memory.
 * @param source a minified script whose variables are all declared with `var`
 * @param recorded how often a recorded day has used a name; 0 for a name that it does not know
 */
export function orderDeclarations(source: MappedText, recorded: (name: string) => number): MappedText {
  const program = parseMinified(source.text);
  const textOf = ({ start, end }: AnyNode): MappedText => source.slice(start, end);
  /** The text that declares each name. */
  const declared = new Map<string, MappedText | string>();
  const early = earlyConstants(program);
  const rest = program.body.flatMap((statement): (MappedText | string)[] => {
    if (statement.type === "ExpressionStatement") {
      const parts = partsOf(statement).filter((each) => !early.has(each as AssignmentExpression));
      if (parts.length < partsOf(statement).length) return parts.length > 0 ? [listOf(parts.map(textOf)), ";"] : [];
    }
    if (statement.type === "FunctionDeclaration") {
      declared.set(statement.id.name, arrowOf(statement, textOf(statement.id), textOf(statement.body)));
      return [];
    }
    if (statement.type !== "VariableDeclaration") return [textOf(statement)];
    const valued = statement.declarations.filter((each) => {
      const name = nameOf(each.id);
      const isFirst = !declared.has(name);
      const isMoved = isFirst && isConstant(each.init);
      if (isFirst) declared.set(name, isMoved ? textOf(each) : name);
      return !isMoved && each.init;
    });
    return valued.length > 0 ? [listOf(valued.map(textOf)), ";"] : [];
  });
  for (const each of early) declared.set(nameOf(each.left as AnyNode), textOf(each));
  const uses = estimatedUses(program, declared.keys());
  const sorted = [...declared.keys()].sort((a, b) => recorded(b) - recorded(a) || (uses.get(b) as number) - (uses.get(a) as number));
  const declarationOf = (names: readonly string[]): (MappedText | string)[] =>
    names.length > 0 ? ["var ", listOf(names.map((name) => declared.get(name) as MappedText | string)), ";"] : [];
  const builtIn = [...OBJECTS.filter((name) => uses.has(name)), ...PROTOTYPES];
  const parameters = parameterNames(program);
  return MappedText.join([
    ...(parameters.length > 0 ? [`var ${parameters};`] : []),
    ...declarationOf(sorted.slice(0, FIRST)),
    ...builtIn.map((name) => `${name};`),
    ...declarationOf(sorted.slice(FIRST)),
    ...rest,
  ]);
}

/** Texts with commas between them, and lines that are not much longer than minified ones. */
function listOf(texts: readonly (MappedText | string)[]): MappedText {
  let column = 0;
  return MappedText.join(
    texts.flatMap((each, i) => {
      const text = typeof each === "string" ? each : each.text;
      const comma = column > LINE_CHARACTERS ? ",\n" : ",";
      const isNew = comma.length > 1 || text.includes("\n");
      column = (isNew ? 0 : column) + text.length - text.lastIndexOf("\n");
      return i > 0 ? [comma, each] : [each];
    }),
  );
}

function arrowOf({ params }: FunctionDeclaration, id: MappedText, body: MappedText): MappedText {
  const names = params.map(nameOf);
  return MappedText.join([id, "=", names.length === 1 ? (names[0] as string) : `(${names})`, "=>", body]);
}

/** The names that most functions of the top level have for their parameters. */
function parameterNames(program: Program): string[] {
  const counts = new Map<string, number>();
  for (const statement of program.body) {
    if (statement.type !== "FunctionDeclaration") continue;
    for (const name of statement.params.map(nameOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const often = [...counts].filter(([, count]) => count >= LEAST_PARAMETERS).sort(([, a], [, b]) => b - a);
  return often.slice(0, PARAMETERS).map(([name]) => name);
}

/** The expressions of a statement, in order. */
function partsOf({ expression }: ExpressionStatement): readonly Expression[] {
  return expression.type === "SequenceExpression" ? expression.expressions : [expression];
}

/** Assignments of constants to names of the top level that no code which runs before them uses: they may as well be part of the declaration. */
function earlyConstants(program: Program): Set<AssignmentExpression> {
  const functions = new Map(program.body.flatMap((each) => (each.type === "FunctionDeclaration" ? [[each.id.name, each] as const] : [])));
  const early = new Set<AssignmentExpression>();
  const known = new Set<string>();
  const learn = (node: AnyNode): void => {
    for (const { name } of referencesOf(node, "")) {
      if (known.has(name)) continue;
      known.add(name);
      const called = functions.get(name);
      if (called) learn(called);
    }
  };
  for (const statement of program.body) {
    if (statement.type === "FunctionDeclaration") continue;
    const parts: readonly AnyNode[] =
      statement.type === "ExpressionStatement"
        ? partsOf(statement)
        : statement.type === "VariableDeclaration"
          ? statement.declarations.filter(({ init }: VariableDeclarator) => init)
          : [statement];
    for (const part of parts) {
      const isAssignment = part.type === "AssignmentExpression" && part.operator === "=" && part.left.type === "Identifier";
      if (isAssignment && isConstant(part.right) && !known.has(nameOf(part.left as AnyNode))) early.add(part);
      learn(part);
    }
  }
  return early;
}

/** Whether an expression gives the same value wherever in the program it stands. */
function isConstant(value: AnyNode | null | undefined): boolean {
  let is = true;
  if (value) {
    walk(value, (node, path) => {
      const isName = node.type === "Identifier" && !isKey(node, path.at(-1));
      if (isName || /Call|New|Function|This|Member|Assign|Update/.test(node.type)) is = false;
    });
  }
  return is;
}

/** Estimates how often each name of the top level is used in a run. */
function estimatedUses(program: Program, declared: Iterable<string>): Map<string, number> {
  const names = [...declared];
  const references = program.body.flatMap((statement) => referencesOf(statement, statement.type === "FunctionDeclaration" ? statement.id.name : ""));
  let uses = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Map(names.map((name) => [name, 0]));
    for (const { owner, name, times } of references) {
      const runs = owner ? (uses.get(owner) ?? 0) : 1;
      next.set(name, Math.min(MOST_USES, (next.get(name) ?? 0) + times * runs));
    }
    uses = next;
  }
  return uses;
}

/** The references in a statement. @param owner the function of the top level that the statement declares, or "" */
function referencesOf(statement: AnyNode, owner: string): Reference[] {
  const references: Reference[] = [];
  const visit = (node: AnyNode, parent: AnyNode | undefined, times: number, inner: ReadonlySet<string>): void => {
    const own = isAnyFunction(node) ? new Set([...inner, ...namesIn(node)]) : inner;
    if (node.type === "Identifier") {
      const isDeclaring = parent?.type === "FunctionDeclaration" && parent.id === node;
      if (!isKey(node, parent) && !own.has(node.name) && !isDeclaring) references.push({ owner, name: node.name, times });
      return;
    }
    for (const [key, child] of childrenOf(node)) visit(child, node, times * timesOf(node, key, parent), own);
  };
  visit(statement, undefined, 1, new Set());
  return references;
}

/** Estimates how often a part of a node runs each time that the node does. */
function timesOf(node: AnyNode, key: string, parent: AnyNode | undefined): number {
  if (/^(If|Conditional)/.test(node.type)) return key === "test" ? 1 : BRANCHES;
  if (node.type === "LogicalExpression") return key === "right" ? BRANCHES : 1;
  return isAnyFunction(node) && parent ? HANDED_OVER : 1;
}

/** The parameters of a function and the names that are declared in it. */
function namesIn(node: AnyNode & { readonly params: readonly AnyNode[]; readonly body: AnyNode }): string[] {
  const names = node.params.map(nameOf);
  const visit = (inner: AnyNode): void => {
    if (inner.type === "VariableDeclarator") names.push(nameOf(inner.id));
    if (inner.type === "FunctionDeclaration" && inner.id) names.push(inner.id.name);
    if (inner.type === "CatchClause" && inner.param) names.push(nameOf(inner.param));
    if (!isAnyFunction(inner)) for (const [, child] of childrenOf(inner)) visit(child);
  };
  for (const [, child] of childrenOf(node.body)) visit(child);
  return names;
}

/** A function of any kind. In a minified program there are arrow functions too. */
function isAnyFunction(node: AnyNode): node is AnyNode & { readonly params: AnyNode[]; readonly body: AnyNode } {
  return /Function/.test(node.type);
}
