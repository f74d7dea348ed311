// Declares first what is used most. The interpreter finds a name of the top level by comparing it with one after the other, in the order in which they were
// declared: with three hundred names that was a third of all that it did. Which of them are used how often is estimated from the program itself.

import { parse } from "acorn";
import { isKey } from "./whole-program.js";

/** So many stand before what is built in. */
const FIRST = 24;

/**
 * So many names that are parameters of at least so many functions stand before all others: what is in front of an arrow the interpreter takes for names of
 * the top level until it has read the arrow, and looks for each of them.
 */
const PARAMETERS = 6;
const LEAST_PARAMETERS = 8;

/** Where the interpreter looks for the methods of texts, arrays and bytes: found as soon as they have been mentioned. */
const PROTOTYPES = ["String", "Object", "Array", "ArrayBufferView"];

/** The same for objects that are built in, if the program knows them. */
const OBJECTS = ["E", "Math", "JSON", "Uint8Array", "DataView"];

/** Guesses: how often a loop's body is executed, a branch, and a function that is handed over. */
const LOOPS = 4;
const BRANCHES = 0.3;
const HANDED_OVER = 0.5;

/** A name is not taken to be used more often than this, nor estimated in more rounds: functions may call each other in a circle. */
const MOST_USES = 200;
const ROUNDS = 12;

/**
 * Declares what the top level has in the order of its use: functions, and variables without a value or with a constant one. The others get their value where
 * they stood. Functions become variables that hold arrow functions: the interpreter compares the name of a declared function with every name before it in
 * full, which takes it ten times as long. Nothing here uses `this`, so an arrow function takes no more memory than another one.
 * @param {string} code a minified script whose variables are all declared with `var`
 * @returns {string}
 */
export function orderDeclarations(code) {
  const program = parse(code, { ecmaVersion: 2015 });
  const textOf = ({ start, end }) => code.slice(start, end);
  /** The text that declares each name. */
  const declared = new Map();
  const early = earlyConstants(program);
  const rest = program.body.map((statement) => {
    if (statement.type === "ExpressionStatement") {
      const parts = partsOf(statement).filter((each) => !early.has(each));
      if (parts.length < partsOf(statement).length) return parts.length > 0 ? `${parts.map(textOf)};` : "";
    }
    if (statement.type === "FunctionDeclaration") {
      const { id, params, body } = statement;
      declared.set(id.name, `${id.name}=${params.length === 1 ? params[0].name : `(${params.map(({ name }) => name)})`}=>${textOf(body)}`);
      return "";
    }
    if (statement.type !== "VariableDeclaration") return textOf(statement);
    const valued = statement.declarations.filter((each) => {
      const isFirst = !declared.has(each.id.name);
      const isMoved = isFirst && isConstant(each.init);
      if (isFirst) declared.set(each.id.name, isMoved ? textOf(each) : each.id.name);
      return !isMoved && each.init;
    });
    return valued.length > 0 ? `${valued.map(textOf)};` : "";
  });
  for (const each of early) declared.set(each.left.name, textOf(each));
  const uses = estimatedUses(program, declared);
  const sorted = [...declared.keys()].sort((a, b) => uses.get(b) - uses.get(a));
  const declarationOf = (names) => (names.length > 0 ? `var ${names.map((name) => declared.get(name))};` : "");
  const builtIn = OBJECTS.filter((name) => uses.has(name)).concat(PROTOTYPES);
  const parameters = parameterNames(program);
  const before = parameters.length > 0 ? `var ${parameters};` : "";
  return (
    before + declarationOf(sorted.slice(0, FIRST)) + builtIn.map((name) => `${name};`).join("") + declarationOf(sorted.slice(FIRST)) + rest.join("")
  );
}

/** The names that most functions of the top level have for their parameters. */
function parameterNames(program) {
  const counts = new Map();
  for (const { type, params } of program.body) {
    if (type === "FunctionDeclaration") for (const { name } of params) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const often = [...counts].filter(([, count]) => count >= LEAST_PARAMETERS).sort(([, a], [, b]) => b - a);
  return often.slice(0, PARAMETERS).map(([name]) => name);
}

/** The expressions of a statement, in order. */
function partsOf({ expression }) {
  return expression.type === "SequenceExpression" ? expression.expressions : [expression];
}

/** Assignments of constants to names of the top level that nothing that runs before them can know of: they may as well stand where the name is declared. */
function earlyConstants(program) {
  const functions = new Map();
  for (const statement of program.body) if (statement.type === "FunctionDeclaration") functions.set(statement.id.name, statement);
  const early = new Set();
  const known = new Set();
  const learn = (node) => {
    for (const { name } of referencesOf(node, "")) {
      if (known.has(name)) continue;
      known.add(name);
      if (functions.has(name)) learn(functions.get(name));
    }
  };
  for (const statement of program.body) {
    if (statement.type === "FunctionDeclaration") continue;
    const declarations = statement.type === "VariableDeclaration" ? statement.declarations.filter(({ init }) => init) : [statement];
    for (const part of statement.type === "ExpressionStatement" ? partsOf(statement) : declarations) {
      const isConstantOfTop =
        part.type === "AssignmentExpression" && part.operator === "=" && part.left.type === "Identifier" && isConstant(part.right);
      if (isConstantOfTop && !known.has(part.left.name)) early.add(part);
      learn(part);
    }
  }
  return early;
}

/** Whether a value is the same wherever in the program it is made. */
function isConstant(value) {
  let is = true;
  if (value) {
    walk(value, (node, parent) => {
      const isName = node.type === "Identifier" && !isKey(node, parent);
      if (isName || /Call|New|Function|This|Member|Assign|Update/.test(node.type)) is = false;
    });
  }
  return is;
}

/**
 * How often each name of the top level is used in a run, roughly.
 * @param {Map<string, unknown>} declared names of the top level
 * @returns {Map<string, number>}
 */
function estimatedUses(program, declared) {
  const references = program.body.flatMap((statement) => referencesOf(statement, statement.type === "FunctionDeclaration" ? statement.id.name : ""));
  let uses = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Map([...declared.keys()].map((name) => [name, 0]));
    for (const { owner, name, times } of references) {
      const runs = owner ? (uses.get(owner) ?? 0) : 1;
      next.set(name, Math.min(MOST_USES, (next.get(name) ?? 0) + times * runs));
    }
    uses = next;
  }
  return uses;
}

/** Where names that are not a function's own are used in a statement, and how often each time that it is executed. @param owner the function that it is */
function referencesOf(statement, owner) {
  const references = [];
  const visit = (node, parent, times, inner) => {
    let own = inner;
    if (isFunction(node)) own = new Set([...inner, ...namesIn(node)]);
    if (node.type === "Identifier") {
      const isOfTop = !isKey(node, parent) && !own.has(node.name) && !(parent?.type === "FunctionDeclaration" && parent.id === node);
      if (isOfTop) references.push({ owner, name: node.name, times });
      return;
    }
    for (const [key, child] of childrenOf(node)) visit(child, node, times * timesOf(node, key, parent), own);
  };
  visit(statement, undefined, 1, new Set());
  return references;
}

/** How often a part of a node is executed when the node is. */
function timesOf(node, key, parent) {
  if (/^(For|While|DoWhile)/.test(node.type)) return key === "init" ? 1 : LOOPS;
  if (/^(If|Conditional)/.test(node.type)) return key === "test" ? 1 : BRANCHES;
  if (node.type === "LogicalExpression") return key === "right" ? BRANCHES : 1;
  return isFunction(node) && parent ? HANDED_OVER : 1;
}

/** A function's parameters, and what is declared in it. */
function namesIn(node) {
  const names = node.params.map(({ name }) => name);
  const visit = (inner) => {
    if (inner.type === "VariableDeclarator" || inner.type === "FunctionDeclaration") names.push(inner.id.name);
    if (inner.type === "CatchClause" && inner.param) names.push(inner.param.name);
    if (!isFunction(inner)) for (const [, child] of childrenOf(inner)) visit(child);
  };
  for (const [, child] of childrenOf(node.body)) visit(child);
  return names;
}

function isFunction(node) {
  return /Function/.test(node.type);
}

function walk(node, visit, parent) {
  visit(node, parent);
  for (const [, child] of childrenOf(node)) walk(child, visit, node);
}

function childrenOf(node) {
  return Object.entries(node).flatMap(([key, part]) => [part].flat().flatMap((child) => (typeof child?.type === "string" ? [[key, child]] : [])));
}
