// The syntax tree of a program: reading, walking, and the questions that several passes ask of a node.

import { type AnyNode, type CallExpression, type FunctionDeclaration, type FunctionExpression, type Identifier, type Program, parse } from "acorn";

export type FunctionNode = FunctionDeclaration | FunctionExpression;

/** Reads a script in ES5. @throws SyntaxError */
export function parseProgram(code: string): Program {
  return parse(code, { ecmaVersion: 5 });
}

/** Reads a minified script, which also has arrow functions. @throws SyntaxError */
export function parseMinified(code: string): Program {
  return parse(code, { ecmaVersion: 2015 });
}

/** The nodes directly below a node, each with the property that holds it. */
export function* childrenOf(node: AnyNode): Generator<readonly [string, AnyNode]> {
  for (const [key, part] of Object.entries(node)) {
    for (const child of Array.isArray(part) ? part : [part]) if (typeof child?.type === "string") yield [key, child];
  }
}

/**
 * Calls `visit` for a node and all nodes below it, outermost first.
 * @param visit returns false to leave out what is below the node. Its second argument, the nodes around it, is one list that is used again
 */
export function walk(node: AnyNode, visit: (node: AnyNode, path: readonly AnyNode[]) => unknown, path: AnyNode[] = []): void {
  if (visit(node, path) === false) return;
  path.push(node);
  // As `childrenOf`, without its arrays: a build walks over millions of nodes.
  for (const key in node) {
    const part = node[key as keyof AnyNode] as unknown;
    if (typeof part !== "object" || part === null) continue;
    if (Array.isArray(part)) {
      for (const child of part) if (isNode(child)) walk(child, visit, path);
    } else if (isNode(part)) walk(part, visit, path);
  }
  path.pop();
}

function isNode(part: { readonly type?: unknown } | null): part is AnyNode {
  return typeof part?.type === "string";
}

/** Whether a node is a function declaration or expression. Programs in ES5 have no other functions. */
export function isFunction(node: AnyNode | undefined): node is FunctionNode {
  return node?.type === "FunctionDeclaration" || node?.type === "FunctionExpression";
}

/** Whether an identifier is only the name of a property. @param parent the node around it, if there is one */
export function isKey(node: AnyNode, parent: AnyNode | undefined): boolean {
  return (
    (parent?.type === "MemberExpression" && parent.property === node && !parent.computed) || (parent?.type === "Property" && parent.key === node)
  );
}

export function isIdentifier(node: AnyNode | null | undefined): node is Identifier {
  return node?.type === "Identifier";
}

/** The name of a function's parameter. Programs in ES5 have only plain ones. */
export function nameOf(node: AnyNode | null | undefined): string {
  if (!isIdentifier(node)) throw new Error(`${node?.type} instead of a name`);
  return node.name;
}

/** Whether an expression may stand as an operand of any other without parentheses. */
export function isOperand({ type }: AnyNode): boolean {
  return /^(Identifier|Literal|Call|Member|Object|Array)/.test(type);
}

/** The number that an expression made of numbers alone gives, or undefined for any other expression. */
export function numberOf(node: AnyNode): number | undefined {
  if (node.type === "Literal" && typeof node.value === "number") return node.value;
  if (node.type === "UnaryExpression" && node.operator === "-") {
    const number = numberOf(node.argument);
    return number === undefined ? undefined : -number;
  }
  if (node.type !== "BinaryExpression") return undefined;
  const left = numberOf(node.left as AnyNode);
  const right = numberOf(node.right);
  if (left === undefined || right === undefined) return undefined;
  switch (node.operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    default:
      return undefined;
  }
}

/** Whether a call's function is an identifier. */
export function isNamedCall(node: AnyNode | undefined): node is CallExpression & { callee: Identifier } {
  return node?.type === "CallExpression" && node.callee.type === "Identifier";
}
