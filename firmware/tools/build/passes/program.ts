// A program in which every name is declared once, with what it does with each of them. Passes ask it, and change it by edits of its text.

import type { AnyNode, CallExpression, Expression, FunctionDeclaration, Identifier, Program as ProgramNode, VariableDeclaration } from "acorn";
import { type Edit, MappedText } from "./mapped-text.js";
import { isFunction, isKey, isOperand, parseProgram, walk } from "./syntax.js";

/** A place where the value of a name is taken. */
export class Use {
  constructor(
    readonly node: Identifier,
    private readonly place: Place,
  ) {}

  /** The nodes around it, outermost first. */
  get path(): readonly AnyNode[] {
    const path: AnyNode[] = [];
    for (let place: Place | undefined = this.place; place; place = place.around) path.push(place.node);
    return path.reverse();
  }
}

/** A node, and where it stands: most uses are never asked for their path, so that it is made only then. */
interface Place {
  readonly node: AnyNode;
  readonly around: Place | undefined;
}

/** What a program does with one name. */
export interface Name {
  readonly name: string;
  readonly uses: Use[];
  /** Places that give it a value, its declaration among them if that has one. */
  sets: number;
  /** Whether the program declares it. The interpreter knows all other names. */
  isDeclared: boolean;
  /** The statement of the top level that declares it. */
  statement: FunctionDeclaration | VariableDeclaration | undefined;
}

/** A variable of the top level that gets a value once, in its declaration. */
export interface Constant {
  readonly name: string;
  readonly uses: readonly Use[];
  readonly statement: VariableDeclaration;
  readonly init: Expression;
}

export class Program {
  readonly tree: ProgramNode;
  readonly names: ReadonlyMap<string, Name>;

  /** @param source ES5; no two declarations have one name, and a statement of the top level declares one variable */
  constructor(readonly source: MappedText) {
    this.tree = parseProgram(source.text);
    this.names = findNames(this.tree);
  }

  /** The text of a node. */
  textOf({ start, end }: { readonly start: number; readonly end: number }): MappedText {
    return this.source.slice(start, end);
  }

  /** The text of an expression as it may stand in any other. */
  operand(node: AnyNode): MappedText {
    return isOperand(node) ? this.textOf(node) : MappedText.join(["(", this.textOf(node), ")"]);
  }

  /** The function that a name of the top level stands for, if it always stands for it. */
  functionOf(name: string): FunctionDeclaration | undefined {
    const known = this.names.get(name);
    return known?.sets === 1 && known.statement?.type === "FunctionDeclaration" ? known.statement : undefined;
  }

  /** The functions of the top level, by name. */
  *functions(): Generator<readonly [Name, FunctionDeclaration]> {
    for (const each of this.names.values()) {
      const declaration = this.functionOf(each.name);
      if (declaration) yield [each, declaration];
    }
  }

  /** The variables of the top level that get a value once, in their declaration. */
  *constants(): Generator<Constant> {
    for (const { name, uses, sets, statement } of this.names.values()) {
      const init = statement?.type === "VariableDeclaration" && statement.declarations[0]?.init;
      if (sets === 1 && init) yield { name, uses, statement: statement as VariableDeclaration, init };
    }
  }

  /** The comment in front of a node, with what separates them; its length is 0 where there is none. */
  commentBefore(node: AnyNode): MappedText {
    const before = this.source.text.slice(0, node.start);
    const begin = before.trimEnd().endsWith("*/") ? before.lastIndexOf("/*") : node.start;
    return this.source.slice(begin, node.start);
  }
}

/** Edits that are made together. */
export class Changes {
  private readonly edits: Edit[] = [];

  /** Takes the edits of one change, unless one of them touches an edit that is taken already. A later round finds that change again. */
  add(edits: readonly Edit[]): void {
    const isFree = edits.every((each) => this.edits.every((other) => each.end <= other.start || each.start >= other.end));
    if (isFree) this.edits.push(...edits);
  }

  appliedTo(source: MappedText): MappedText {
    return this.edits.length > 0 ? source.edited(this.edits) : source;
  }
}

/** The edits that remove a declaration and put a text wherever its name was used. */
export function replacing(statement: AnyNode, uses: readonly Use[], text: string): Edit[] {
  return [{ start: statement.start, end: statement.end, text: "" }, ...uses.map(({ node }) => ({ start: node.start, end: node.end, text }))];
}

/** The calls of a function, or undefined if it is also used in another way. */
export function callsOf({ uses }: Name): CallExpression[] | undefined {
  const calls: CallExpression[] = [];
  for (const { node, path } of uses) {
    const parent = path.at(-1);
    if (parent?.type !== "CallExpression" || parent.callee !== node) return undefined;
    calls.push(parent);
  }
  return calls;
}

/** A name that is not in `taken` yet, as like `name` as possible. It is in `taken` afterwards. */
export function freshName(name: string, taken: Set<string>): string {
  let fresh = name;
  for (let i = 1; taken.has(fresh); i++) fresh = `${name}$${i}`;
  taken.add(fresh);
  return fresh;
}

function findNames(tree: ProgramNode): Map<string, Name> {
  const names = new Map<string, Name>();
  /** The places of the nodes on the path. */
  const places: Place[] = [];
  walk(tree, (node, path) => {
    const parent = path[path.length - 1];
    places.length = path.length;
    const around = places[path.length - 1];
    if (node.type !== "Identifier" && node.type !== "Literal") places.push({ node, around });
    if (node.type !== "Identifier" || !parent || !around || isKey(node, parent)) return;
    const name = names.get(node.name) ?? { name: node.name, uses: [], sets: 0, isDeclared: false, statement: undefined };
    names.set(node.name, name);
    if (parent.type === "VariableDeclarator" && parent.id === node) {
      name.isDeclared = true;
      if (parent.init || path.at(-3)?.type === "ForInStatement") name.sets++;
      if (path.length === 3) name.statement = path[1] as VariableDeclaration;
    } else if (isFunction(parent) || parent.type === "CatchClause") {
      name.isDeclared = true;
      name.sets++;
      if (parent.type === "FunctionDeclaration" && parent.id === node && path.length === 2) name.statement = parent;
    } else {
      const isSet = (parent.type === "AssignmentExpression" && parent.left === node) || parent.type === "UpdateExpression";
      if (isSet || (parent.type === "ForInStatement" && parent.left === node)) name.sets++;
      name.uses.push(new Use(node, around));
    }
  });
  return names;
}
