// A program in which every name is declared once, with what it does with each of them. Passes ask it, and change it by edits of its text.

import type { AnyNode, CallExpression, Expression, FunctionDeclaration, VariableDeclaration } from "acorn";
import { type Edit, MappedText, sortedEdits } from "./mapped-text.js";
import { type Mention, type ProgramPart, partsOf } from "./program-part.js";
import { isOperand } from "./syntax.js";

/** What a program does with one name. */
export interface Name {
  readonly name: string;
  readonly uses: Mention[];
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
  readonly uses: readonly Mention[];
  readonly statement: VariableDeclaration;
  readonly init: Expression;
}

export class Program {
  readonly names: ReadonlyMap<string, Name>;

  private constructor(
    readonly source: MappedText,
    private readonly parts: readonly ProgramPart[],
  ) {
    this.names = findNames(parts);
  }

  /** @param source ES5; no two declarations have one name, and a statement of the top level declares one variable. @throws SyntaxError */
  static of(source: MappedText): Program {
    return new Program(source, partsOf(source.text));
  }

  /** The statements of the top level. */
  get body(): readonly AnyNode[] {
    return this.parts.map(({ statement }) => statement);
  }

  /**
   * The program with edits of its text. It takes over the statements that no edit touches, at their new places: this program must not be used any more. A build makes
   * hundreds of small changes, and would spend most of its time reading the same program.
   * @throws SyntaxError
   */
  edited(edits: readonly Edit[]): Program {
    const sorted = sortedEdits(edits);
    const source = this.source.edited(sorted);
    const parts: ProgramPart[] = [];
    /** How much longer the text is up to here, the next edit, and where the text begins, in the new source, that is in no part yet. */
    let longer = 0;
    let next = 0;
    let begin = 0;
    /** Reads what lies between two parts that stay. @returns whether it ends there for certain */
    const readUpTo = (end: number): boolean => {
      const between = partsOf(source.text.slice(begin, end));
      for (const part of between) part.move(begin);
      parts.push(...between);
      return between.at(-1)?.isClosed(source.text) ?? true;
    };
    for (const part of this.parts) {
      const { start, end } = part.statement;
      for (; next < sorted.length && (sorted[next] as Edit).end <= start; next++) longer += growthOf(sorted[next] as Edit);
      const isTouched = next < sorted.length && (sorted[next] as Edit).start < end;
      if (isTouched || !part.isClosed(this.source.text)) continue;
      // What is not closed reaches into what follows.
      if (!readUpTo(start + longer)) return Program.of(source);
      part.move(longer);
      parts.push(part);
      begin = end + longer;
    }
    readUpTo(source.length);
    return new Program(source, parts);
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

  /** The program with them, or the very same one where there are none. */
  appliedTo(program: Program): Program {
    return this.edits.length > 0 ? program.edited(this.edits) : program;
  }
}

/** The edits that remove a declaration and put a text wherever its name was used. */
export function replacing(statement: AnyNode, uses: readonly Mention[], text: string): Edit[] {
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

/** How much longer an edit makes a text. */
function growthOf({ start, end, text }: Edit): number {
  return text.length - (end - start);
}

function findNames(parts: readonly ProgramPart[]): Map<string, Name> {
  const names = new Map<string, Name>();
  for (const { mentions, statement } of parts) {
    for (const mention of mentions) {
      const { node, role } = mention;
      const name = names.get(node.name) ?? { name: node.name, uses: [], sets: 0, isDeclared: false, statement: undefined };
      if (!names.has(node.name)) names.set(node.name, name);
      if (role.isDeclaration) name.isDeclared = true;
      else name.uses.push(mention);
      if (role.isSet) name.sets++;
      if (role.isOfTop) name.statement = statement as FunctionDeclaration | VariableDeclaration;
    }
  }
  return names;
}
