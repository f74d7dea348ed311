// The bundle gate: reads a bundle as the interpreter would and finds what it would choke on or, worse, silently do otherwise. Facts about the
// interpreter: hal/README.md, and beside this file interpreter.ts, scopes.ts for the order of declarations, and compound-assignments.ts.

import { type AnyNode, type Node, type Program, parse, type Token } from "acorn";
import { full, fullAncestor } from "acorn-walk";
import { programBytes } from "../../firmware/tools/build/tokens.js";
import { unsafeCompoundAssignments } from "./compound-assignments.js";
import { declaredGlobals, FUNCTION_MEMBERS, LANGUAGE_GLOBALS, MISSING_METHODS, STATIC_MEMBERS } from "./interpreter.js";
import { findScopes, type Scope, undeclaredUses } from "./scopes.js";

/** What can be wrong with a bundle. */
export type Rule =
  | "newer syntax"
  | "not ASCII"
  | "text beyond latin-1"
  | "missing global"
  | "missing member"
  | "missing method"
  | "helper of TypeScript"
  | "length assigned"
  | "Number called"
  | "regular expression"
  | "return before a line end"
  | "return at the end of a loop"
  | "string after a block"
  | "label"
  | "with"
  | "case after default"
  | "used before declared"
  | "left side changed by the right"
  | "long line"
  | "over budget";

export interface Fault {
  readonly rule: Rule;
  /** What it is about, and where: an excerpt of the bundle. */
  readonly detail: string;
}

/**
 * Longest line of a bundle. With an error the interpreter stores a blank for each column of its place, at each function that it passes: in one line of 36 000 characters
 * an error at a start took half of a Pico's memory.
 */
const LINE_CHARACTERS = 1000;

/** Most alternatives of a regular expression. Each one that is tried locks the string once more, and a variable with 15 locks keeps them. */
const MOST_ALTERNATIVES = 8;

/**
 * Checks a bundle.
 * @param code the minified bundle
 * @param budgetBytes the most that it may measure in Storage
 * @returns what is wrong, in the order of the rules; empty when the bundle may be flashed
 */
export function faultsOf(code: string, budgetBytes: number): Fault[] {
  const faults: Fault[] = [];
  const strange = /[^\x20-\x7e\n]/.exec(code);
  if (strange) faults.push({ rule: "not ASCII", detail: excerpt(code, strange.index) });
  const tokens: Token[] = [];
  let program: Program;
  try {
    program = parse(code, { ecmaVersion: 2015, onToken: tokens, locations: true });
  } catch (error) {
    const { pos, message } = error as SyntaxError & { pos: number };
    return [...faults, { rule: "newer syntax", detail: `${message}: ${excerpt(code, pos)}` }];
  }
  const { length: bytes } = programBytes(code);
  if (bytes > budgetBytes) faults.push({ rule: "over budget", detail: `${bytes} of ${budgetBytes} bytes` });
  const longest = Math.max(...code.split("\n").map((line) => line.length));
  if (longest > LINE_CHARACTERS) faults.push({ rule: "long line", detail: `${longest} of ${LINE_CHARACTERS} characters` });
  const report = (rule: Rule, what: string, node: { readonly start: number }): void => {
    faults.push({ rule, detail: `${what}: ${excerpt(code, node.start)}` });
  };
  full(program, (node) => checkSyntax(node as AnyNode, report));
  // What it cannot read it cannot judge either.
  const newer = faults.find(({ rule }) => rule === "newer syntax");
  if (newer) return [newer];
  checkReturns(tokens, report);
  const scopes = findScopes(program);
  checkGlobals(scopes[0] as Scope, report);
  fullAncestor(program, (node, _, ancestors) => checkNode(code, node as AnyNode, ancestors, scopes[0] as Scope, report));
  for (const { name, node } of undeclaredUses(scopes)) report("used before declared", name, node);
  for (const node of unsafeCompoundAssignments(program, scopes)) report("left side changed by the right", "an assignment", node);
  return faults;
}

/** Of what came after ES5 the bundle has arrow functions alone; from here on they are functions like others. */
function checkSyntax(node: AnyNode, report: Report): void {
  const isNewer =
    NEWER.test(node.type) ||
    (node.type === "VariableDeclaration" && node.kind !== "var") ||
    (node.type === "Property" && (node.shorthand || node.computed || node.method)) ||
    ("generator" in node && node.generator);
  if (isNewer) report("newer syntax", node.type, node);
  if (node.type !== "ArrowFunctionExpression") return;
  const { body } = node;
  Object.assign(node, { type: "FunctionExpression", id: null });
  if (body.type === "BlockStatement") return;
  const returned = { type: "ReturnStatement", start: body.start, end: body.end + 1, argument: body };
  Object.assign(node, { expression: false, body: { type: "BlockStatement", start: body.start, end: body.end, body: [returned] } });
}

const NEWER =
  /^(Class|Template|TaggedTemplate|Spread|Rest|Yield|ForOf|Import|Export|Super|MetaProperty|ArrayPattern|ObjectPattern|AssignmentPattern)/;

type Report = (rule: Rule, what: string, node: { readonly start: number }) => void;

function excerpt(code: string, at: number): string {
  return `"${code.slice(Math.max(0, at - 20), at + 60)}" at ${at}`;
}

/** A `return` whose value stands on the next line: the language says undefined, the interpreter returns the value. */
function checkReturns(tokens: readonly Token[], report: Report): void {
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    if (token.type.keyword !== "return" || !next || !token.loc || !next.loc) return;
    if (next.loc.start.line > token.loc.end.line && next.type.label !== "}") report("return before a line end", "return", token);
  });
}

/** Pins, buses and ports, which differ from board to board. */
const PART = /^(?:[A-Z]\d{1,2}|(?:I2C|SPI|Serial)\d)$/;

/** Names that the bundle does not declare have to be the interpreter's. */
function checkGlobals(top: Scope, report: Report): void {
  const known = new Set([...LANGUAGE_GLOBALS, ...declaredGlobals(), "arguments"]);
  for (const { name, node } of top.undeclared) {
    if (/^__[a-z]/.test(name)) report("helper of TypeScript", name, node);
    else if (!known.has(name) && !PART.test(name)) report("missing global", name, node);
  }
}

function checkNode(code: string, node: AnyNode, ancestors: readonly Node[], top: Scope, report: Report): void {
  const isGlobal = (each: AnyNode): boolean => top.undeclared.some((use) => use.node === each);
  switch (node.type) {
    case "LabeledStatement":
      report("label", node.label.name, node);
      break;
    case "WithStatement":
      report("with", "with", node);
      break;
    case "SwitchStatement":
      if (node.cases.some((each, i) => !each.test && i < node.cases.length - 1)) report("case after default", "switch", node);
      break;
    case "AssignmentExpression":
      if (memberName(node.left) === "length") report("length assigned", "length", node);
      break;
    case "UpdateExpression":
      if (memberName(node.argument) === "length") report("length assigned", "length", node);
      break;
    case "Identifier": {
      // As the object of a member (Number.MAX_VALUE) it is harmless; called, constructed or handed on it reads "00010" as 8.
      const parent = ancestors[ancestors.length - 2] as AnyNode | undefined;
      const isObject = parent?.type === "MemberExpression" && parent.object === node;
      if (node.name === "Number" && !isObject && isGlobal(node)) report("Number called", "Number", node);
      break;
    }
    case "MemberExpression": {
      const name = memberName(node);
      if (name === undefined || node.object.type !== "Identifier" || !isGlobal(node.object)) break;
      const owner = node.object.name;
      if (!LANGUAGE_GLOBALS.includes(owner) || owner === "globalThis") break;
      if (!STATIC_MEMBERS[owner]?.includes(name) && !FUNCTION_MEMBERS.includes(name)) report("missing member", `${owner}.${name}`, node);
      break;
    }
    case "CallExpression": {
      const name = memberName(node.callee);
      if (name !== undefined && MISSING_METHODS.includes(name)) report("missing method", `.${name}()`, node.callee);
      break;
    }
    case "ReturnStatement":
      if (!node.argument && !code.slice(node.start, node.end).endsWith(";") && isBareInLoop(ancestors))
        report("return at the end of a loop", "return", node);
      break;
    case "ExpressionStatement":
      if (/["']/.test(code.charAt(node.start)) && /\}\s*$/.test(code.slice(0, node.start))) report("string after a block", "a statement", node);
      break;
    case "Literal":
      checkLiteral(node, report);
      break;
  }
  if (node.type === "CallExpression" || node.type === "NewExpression") checkMadeRegExp(node, isGlobal, report);
}

/** Whether a statement is in the body of a loop with no braces in between: there the interpreter takes a `}` behind `return` for its value. */
function isBareInLoop(ancestors: readonly Node[]): boolean {
  for (let i = ancestors.length - 1; i >= 0 && ancestors[i]?.type !== "BlockStatement"; i--) {
    if (/^(For|ForIn|While)Statement$/.test((ancestors[i] as Node).type)) return true;
  }
  return false;
}

/** The name of a member, whether written `a.b` or `a["b"]`. */
function memberName(node: AnyNode): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return node.property.type === "Literal" && typeof node.property.value === "string" ? node.property.value : undefined;
}

function checkLiteral(node: AnyNode & { type: "Literal" }, report: Report): void {
  if (node.regex) checkPattern(node.regex.pattern, node, report);
  const text = node.regex ? node.regex.pattern : node.value;
  if (typeof text === "string" && /[^\0-\xff]/.test(text)) report("text beyond latin-1", "a string", node);
}

function checkMadeRegExp(node: AnyNode & { type: "CallExpression" | "NewExpression" }, isGlobal: (node: AnyNode) => boolean, report: Report): void {
  if (node.callee.type !== "Identifier" || node.callee.name !== "RegExp" || !isGlobal(node.callee)) return;
  const pattern = node.arguments[0];
  if (pattern?.type === "Literal" && typeof pattern.value === "string") checkPattern(pattern.value, pattern, report);
}

/**
 * What regular expressions lack (measured): counts never match, nor do groups that begin with `(?`; lazy quantifiers, back references and `[` in a set throw; what
 * stands behind a group is not looked at where another than the last of its alternatives has matched; a string on which none of twelve alternatives matches is never
 * freed.
 */
function checkPattern(pattern: string, node: Node, report: Report): void {
  const bare = pattern.replace(/\\[^1-9]/g, "_").replace(/\[(?:\\.|[^\]])*\]/g, "_");
  if (/\{\d+(,\d*)?\}/.test(bare)) report("regular expression", "a count {n}", node);
  if (/\(\?/.test(bare)) report("regular expression", "a group (?", node);
  if (/[*+?]\?/.test(bare)) report("regular expression", "a lazy quantifier", node);
  if (/\\[1-9]/.test(bare)) report("regular expression", "a back reference", node);
  if (/\([^()]*\|[^()]*\)(?!$)/.test(bare)) report("regular expression", "something behind alternatives in a group", node);
  if (bare.split("|").length > MOST_ALTERNATIVES) report("regular expression", "too many alternatives", node);
  if (/\[[^\]]*\[/.test(pattern.replace(/\\./g, "_"))) report("regular expression", "a [ in a set", node);
}
