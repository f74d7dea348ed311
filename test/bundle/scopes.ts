// Finds names that are used before the interpreter knows them. It does not hoist: a function and a `var` begin to exist when their statement is
// reached. Until then the name is an outer one or nothing at all, and an assignment to it goes to the outer one or makes a global. All measured.

import type { AnyNode, Function as FunctionNode, Identifier, Node, Program } from "acorn";
import { fullAncestor } from "acorn-walk";

/** A name as it stands in the bundle. */
export interface Use {
  readonly name: string;
  readonly node: Identifier;
}

interface Reference extends Use {
  /** From the program down to the identifier. */
  readonly ancestors: readonly Node[];
  /** The innermost function, or the program. */
  readonly from: Scope;
}

interface Declaration {
  /** From where on the name exists. */
  readonly at: number;
  /** The branches that have to be taken for it, outermost first. */
  readonly branches: readonly Node[];
  /** The function, where the name is declared by a function statement. */
  readonly function: FunctionNode | undefined;
}

/** A function, or the program, and the names that belong to it. */
export interface Scope {
  readonly node: FunctionNode | Program;
  readonly parent: Scope | undefined;
  /** Parameters and the function's own name: there from the start. */
  readonly given: Set<string>;
  readonly declarations: Map<string, Declaration[]>;
  /** The references that resolve to this scope. */
  readonly references: Reference[];
  /** Of the program: names that nothing in the bundle declares. */
  readonly undeclared: Use[];
}

/** The scopes of a program, the program's own first. */
export function findScopes(program: Program): Scope[] {
  const scopes = new Map<Node, Scope>();
  const found: { name: string; node: Identifier; ancestors: Node[] }[] = [];
  const scopeOf = (ancestors: readonly Node[]): Scope => {
    for (let i = ancestors.length - 1; i >= 0; i--) {
      const scope = scopes.get(ancestors[i] as Node);
      if (scope) return scope;
    }
    throw new Error("the program has no scope");
  };
  const open = (node: FunctionNode | Program, parent: Scope | undefined): Scope => {
    const scope: Scope = { node, parent, given: new Set(), declarations: new Map(), references: [], undeclared: [] };
    scopes.set(node, scope);
    return scope;
  };
  open(program, undefined);
  // The walk calls back on the way up, so a first one, sorted by position, opens the scopes from the outside in.
  const nodes: { node: AnyNode; ancestors: Node[] }[] = [];
  fullAncestor(program, (node, _, ancestors) => nodes.push({ node: node as AnyNode, ancestors: [...ancestors] }));
  nodes.sort((a, b) => a.node.start - b.node.start || b.node.end - a.node.end || a.ancestors.length - b.ancestors.length);
  const seen = new Set<Node>();
  for (const { node, ancestors } of nodes) {
    if (seen.has(node)) continue;
    seen.add(node);
    const outside = ancestors.slice(0, -1);
    if (node.type === "FunctionDeclaration" || node.type === "FunctionExpression") {
      const outer = scopeOf(outside);
      if (node.type === "FunctionDeclaration" && node.id) declare(outer, node.id.name, node.start, outside, node);
      const scope = open(node, outer);
      if (node.type === "FunctionExpression" && node.id) scope.given.add(node.id.name);
      for (const parameter of node.params) if (parameter.type === "Identifier") scope.given.add(parameter.name);
    } else if (node.type === "VariableDeclarator" && node.id.type === "Identifier") {
      declare(scopeOf(outside), node.id.name, node.start, outside, undefined);
    } else if (node.type === "Identifier" && !isDeclaring(node, outside)) {
      found.push({ name: node.name, node, ancestors });
    }
  }
  for (const { name, node, ancestors } of found) {
    if (isCaught(name, ancestors)) continue;
    const from = scopeOf(ancestors);
    let owner: Scope | undefined = from;
    while (owner && !owner.given.has(name) && !owner.declarations.has(name)) owner = owner.parent;
    if (owner) owner.references.push({ name, node, ancestors, from });
    else scopes.get(program)?.undeclared.push({ name, node });
  }
  return [...scopes.values()];
}

/** The uses that may be reached before their declaration, each name of a scope once. */
export function undeclaredUses(scopes: readonly Scope[]): Use[] {
  const uses: Use[] = [];
  for (const scope of scopes) {
    const late = new Map<string, Use>();
    const note = (name: string, node: Identifier): void => {
      if (!late.has(name)) late.set(name, { name, node });
    };
    for (const reference of scope.references) {
      const { name, node } = reference;
      if (scope.given.has(name)) continue;
      const declarations = scope.declarations.get(name) as Declaration[];
      for (const at of momentsOf(reference, scope)) {
        if (!declarations.some((declaration) => isReachedBefore(declaration, at))) note(name, node);
      }
    }
    uses.push(...late.values());
  }
  return uses;
}

/**
 * The places in a scope's own statements at which a reference is, or may be, evaluated: its own place when it stands there or in a function that is
 * called on the spot; for one inside a function statement, the calls of that function, as far as they can be seen; and for one inside a function
 * that is returned, the `return`, because nothing after it is ever reached.
 */
function momentsOf(reference: Reference, scope: Scope): Node[] {
  const moments: Node[] = [];
  const visited = new Set<FunctionNode>();
  const follow = (node: Node, ancestors: readonly Node[]): void => {
    for (let i = ancestors.length - 1; i >= 0; i--) {
      const each = ancestors[i] as AnyNode;
      if (each === scope.node) {
        moments.push(node);
        return;
      }
      if (each.type !== "FunctionExpression" && each.type !== "FunctionDeclaration") continue;
      const around = ancestors.slice(0, i);
      if (each.type === "FunctionExpression") {
        const parent = around[around.length - 1] as AnyNode;
        if (parent.type === "CallExpression" && parent.callee === each) continue;
        const returned = returnAround(around, scope);
        if (returned) moments.push(returned);
        return;
      }
      if (visited.has(each)) return;
      visited.add(each);
      const owner = scopeAround(around, scope);
      for (const use of owner?.references ?? []) {
        if (use.name !== each.id?.name || !isDeclaredBy(owner as Scope, each)) continue;
        const parent = use.ancestors[use.ancestors.length - 2] as AnyNode;
        const isCalled = (parent.type === "CallExpression" || parent.type === "NewExpression") && parent.callee === use.node;
        if (isCalled) follow(use.node, use.ancestors.slice(0, -1));
        else {
          const returned = returnAround(use.ancestors, scope);
          if (returned) moments.push(returned);
        }
      }
      return;
    }
  };
  follow(reference.node, reference.ancestors.slice(0, -1));
  return moments;
}

/** The scope that directly holds what has these ancestors, if it is the given one or inside it. */
function scopeAround(ancestors: readonly Node[], scope: Scope): Scope | undefined {
  for (let i = ancestors.length - 1; i >= 0; i--) {
    const each = ancestors[i] as AnyNode;
    if (each === scope.node) return scope;
    if (each.type === "FunctionExpression" || each.type === "FunctionDeclaration") return undefined;
  }
  return undefined;
}

function isDeclaredBy(scope: Scope, node: FunctionNode): boolean {
  return [...scope.declarations.values()].some((declarations) => declarations.some((declaration) => declaration.function === node));
}

/** The `return` of the scope itself that what has these ancestors is part of. */
function returnAround(ancestors: readonly Node[], scope: Scope): Node | undefined {
  let returned: Node | undefined;
  for (let i = ancestors.length - 1; i >= 0; i--) {
    const each = ancestors[i] as AnyNode;
    if (each === scope.node) return returned;
    if (each.type === "ReturnStatement") returned = each;
    else if (each.type === "FunctionExpression" || each.type === "FunctionDeclaration") returned = undefined;
  }
  return undefined;
}

function isReachedBefore(declaration: Declaration, at: Node): boolean {
  if (declaration.at > at.start) return false;
  return declaration.branches.every((branch) => branch.start <= at.start && at.end <= branch.end);
}

function declare(scope: Scope, name: string, at: number, ancestors: readonly Node[], declared: FunctionNode | undefined): void {
  const inside = ancestors.slice(ancestors.indexOf(scope.node));
  const declaration: Declaration = { at, branches: branchesOf(inside), function: declared };
  scope.declarations.set(name, [...(scope.declarations.get(name) ?? []), declaration]);
}

/** The parts of statements in a path that may be passed over. */
function branchesOf(path: readonly Node[]): Node[] {
  const branches: Node[] = [];
  path.forEach((each, i) => {
    const node = each as AnyNode;
    const child = path[i + 1];
    if (!child) return;
    if (node.type === "IfStatement" && child !== node.test) branches.push(child);
    else if ((node.type === "WhileStatement" || node.type === "ForStatement" || node.type === "ForInStatement") && child === node.body)
      branches.push(child);
    else if (node.type === "SwitchCase") branches.push(node);
    else if (node.type === "TryStatement" && child !== node.finalizer) branches.push(child);
  });
  return branches;
}

/** Whether an identifier names what it stands in, rather than using it. */
function isDeclaring(node: Identifier, ancestors: readonly Node[]): boolean {
  const parent = ancestors[ancestors.length - 1] as AnyNode | undefined;
  switch (parent?.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
      return true;
    case "VariableDeclarator":
      return parent.id === node;
    case "CatchClause":
      return parent.param === node;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return true;
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "Property":
      return parent.key === node && !parent.computed;
    default:
      return false;
  }
}

/** Whether the name is that of an error caught around it. */
function isCaught(name: string, ancestors: readonly Node[]): boolean {
  return ancestors.some((each) => {
    const node = each as AnyNode;
    return node.type === "CatchClause" && node.param?.type === "Identifier" && node.param.name === name;
  });
}
