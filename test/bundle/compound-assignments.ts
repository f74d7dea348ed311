// Finds compound assignments whose right side changes what stands on their left. The language reads the left side of `a -= f()` before it calls `f`, the
// interpreter reads it afterwards. Measured.

import type { AnyNode, Node, Program } from "acorn";
import { full } from "acorn-walk";
import type { Scope } from "./scopes.js";

/** What code changes and calls: variables by their name and scope, properties by their name alone. */
interface Deeds {
  readonly changed: Set<string>;
  readonly called: Set<string>;
}

/** @param scopes of the program */
export function unsafeCompoundAssignments(program: Program, scopes: readonly Scope[]): Node[] {
  const scopeNumbers = new Map<Node, number>();
  scopes.forEach((scope, i) => {
    for (const { node } of scope.references) scopeNumbers.set(node, i);
  });

  /** Undefined for an element, whose name is known only to the running program. */
  const placeOf = (node: AnyNode): string | undefined => {
    if (node.type === "Identifier") return `${node.name}@${scopeNumbers.get(node)}`;
    if (node.type !== "MemberExpression") return undefined;
    if (!node.computed) return node.property.type === "Identifier" ? `.${node.property.name}` : undefined;
    return node.property.type === "Literal" ? `.${node.property.value}` : undefined;
  };
  const deedsOf = (code: AnyNode): Deeds => {
    const deeds: Deeds = { changed: new Set(), called: new Set() };
    full(code, (each) => {
      const node = each as AnyNode;
      if (node.type === "AssignmentExpression") deeds.changed.add(placeOf(node.left) ?? "");
      if (node.type === "UpdateExpression") deeds.changed.add(placeOf(node.argument) ?? "");
      if (node.type === "CallExpression") deeds.called.add(placeOf(node.callee) ?? "");
    });
    return deeds;
  };

  // Two functions in the same place both count.
  const functions = new Map<string, Deeds[]>();
  const remember = (place: string | undefined, value: AnyNode | null | undefined): void => {
    if (place === undefined || (value?.type !== "FunctionDeclaration" && value?.type !== "FunctionExpression")) return;
    functions.set(place, [...(functions.get(place) ?? []), deedsOf(value.body)]);
  };
  const declared = (name: string, at: number): string =>
    `${name}@${scopes.findIndex((scope) => scope.declarations.get(name)?.some((each) => each.at === at))}`;
  full(program, (each) => {
    const node = each as AnyNode;
    if (node.type === "FunctionDeclaration" && node.id) remember(declared(node.id.name, node.start), node);
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier") remember(declared(node.id.name, node.start), node.init);
    if (node.type === "AssignmentExpression") remember(placeOf(node.left), node.right);
    if (node.type === "Property") remember(node.key.type === "Identifier" ? `.${node.key.name}` : undefined, node.value);
  });

  const found: Node[] = [];
  full(program, (each) => {
    const node = each as AnyNode;
    if (node.type !== "AssignmentExpression" || node.operator === "=") return;
    const left = placeOf(node.left);
    const visited = new Set<string>();
    const isChangedBy = ({ changed, called }: Deeds): boolean =>
      (left === undefined ? changed.size > 0 : changed.has(left)) ||
      [...called].some((place) => !visited.has(place) && visited.add(place) && (functions.get(place) ?? []).some(isChangedBy));
    if (isChangedBy(deedsOf(node.right))) found.push(node);
  });
  return found;
}
