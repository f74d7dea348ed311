// A statement of a program's top level, with all names that it mentions: what a change of the program leaves as it is, and only moves.

import type { AnyNode, Identifier } from "acorn";
import { isFunction, isKey, parseProgram, walk } from "./syntax.js";

/** What a place does with the name that stands there. */
interface Role {
  /** It declares the name; else it takes its value, or sets it. */
  readonly isDeclaration: boolean;
  /** It gives the name a value. */
  readonly isSet: boolean;
  /** It is the declaration of a statement of the top level. */
  readonly isOfTop: boolean;
}

/** A place where a name stands that is no key. */
export class Mention {
  constructor(
    readonly node: Identifier,
    readonly role: Role,
    private readonly place: Place,
  ) {}

  /** The nodes around it, outermost first: the statement of the top level, and so on. */
  get path(): readonly AnyNode[] {
    const path: AnyNode[] = [];
    for (let place: Place | undefined = this.place; place; place = place.around) path.push(place.node);
    return path.reverse();
  }
}

/** A node, and where it stands: most mentions are never asked for their path, so that it is made only then. */
interface Place {
  readonly node: AnyNode;
  readonly around: Place | undefined;
}

export class ProgramPart {
  private readonly nodes: AnyNode[] = [];
  /** In the order of the text. */
  readonly mentions: readonly Mention[];

  constructor(readonly statement: AnyNode) {
    const mentions: Mention[] = [];
    /** The places of the nodes on the path. */
    const places: Place[] = [];
    walk(statement, (node, path) => {
      this.nodes.push(node);
      const parent = path[path.length - 1];
      places.length = path.length;
      const around = places[path.length - 1];
      if (node.type !== "Identifier" && node.type !== "Literal") places.push({ node, around });
      if (node.type === "Identifier" && parent && around && !isKey(node, parent)) mentions.push(new Mention(node, roleOf(node, path), around));
    });
    this.mentions = mentions;
  }

  /** Whether the statement ends where it does, whatever stands behind it. @param text of the program */
  isClosed(text: string): boolean {
    return isClosed(this.statement, text);
  }

  /** Moves it within the text of the program. */
  move(by: number): void {
    if (by === 0) return;
    for (const node of this.nodes) {
      node.start += by;
      node.end += by;
    }
  }
}

function isClosed(statement: AnyNode, text: string): boolean {
  switch (statement.type) {
    case "FunctionDeclaration":
    case "BlockStatement":
    case "TryStatement":
    case "SwitchStatement":
      return true;
    case "IfStatement":
      return isClosed(statement.alternate ?? statement.consequent, text);
    case "ForStatement":
    case "ForInStatement":
    case "WhileStatement":
      return isClosed(statement.body, text);
    default:
      return text[statement.end - 1] === ";";
  }
}

/** @returns the statements of the top level, in their order. @throws SyntaxError */
export function partsOf(text: string): ProgramPart[] {
  // Most texts between two parts are blank, and the parser needs longer to begin than to read one.
  if (!/\S/.test(text)) return [];
  return parseProgram(text).body.map((statement) => new ProgramPart(statement));
}

/** @param path the nodes around the name, outermost first, of which the first is the statement of the top level */
function roleOf(node: Identifier, path: readonly AnyNode[]): Role {
  const parent = path[path.length - 1] as AnyNode;
  if (parent.type === "VariableDeclarator" && parent.id === node) {
    const isSet = !!parent.init || path[path.length - 3]?.type === "ForInStatement";
    return { isDeclaration: true, isSet, isOfTop: path.length === 2 };
  }
  if (isFunction(parent) || parent.type === "CatchClause") {
    return { isDeclaration: true, isSet: true, isOfTop: parent.type === "FunctionDeclaration" && parent.id === node && path.length === 1 };
  }
  const isAssigned = (parent.type === "AssignmentExpression" || parent.type === "ForInStatement") && parent.left === node;
  return { isDeclaration: false, isSet: isAssigned || parent.type === "UpdateExpression", isOfTop: false };
}
