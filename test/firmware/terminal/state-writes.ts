// Finds every write to the terminal's state in TypeScript sources, and those by a file that does not own the field. The owners stand in state.ts, as the tag
// `@owner` of each group of fields.

import { createRequire } from "node:module";
import path from "node:path";
import type * as TS from "typescript";

/** Imported, the one file of the compiler would be read three times, which takes seconds. */
const ts = createRequire(import.meta.url)("typescript") as typeof TS;

const FOLDER = "firmware/terminal";

/** Methods that change the array they are called on. */
const MUTATORS = /^(copyWithin|fill|pop|push|reverse|set|shift|sort|splice|unshift)$/;

export interface Write {
  /** File from the project's root, and line from 1. */
  readonly file: string;
  readonly line: number;
  /** The field, or "*" where the whole state is changed or handed on under another type. */
  readonly field: string;
  /** The file that owns the field, from the project's root; undefined: nobody may write it. */
  readonly owner: string | undefined;
}

export interface StateWrites {
  /** Every field with its owner. */
  readonly owners: ReadonlyMap<string, string | undefined>;
  readonly writes: readonly Write[];
}

/**
 * @param root of the project
 * @param files sources to look into, from the root
 * @param extra sources that are not on disk, by their paths from the root
 */
export function findStateWrites(root: string, files: readonly string[], extra: ReadonlyMap<string, string> = new Map()): StateWrites {
  const program = createProgram(root, [...files, ...extra.keys()], extra);
  const checker = program.getTypeChecker();
  const stateFile = program.getSourceFile(path.join(root, FOLDER, "state.ts"));
  if (!stateFile) throw new Error("no state.ts");
  const owners = new Map<string, string | undefined>();
  for (const statement of stateFile.statements) {
    if (!ts.isInterfaceDeclaration(statement)) continue;
    for (const member of statement.members) owners.set((member.name as TS.Identifier).text, ownerOf(statement));
  }

  const writes: Write[] = [];
  for (const file of [...files, ...extra.keys()]) {
    const source = program.getSourceFile(path.join(root, file));
    if (!source) throw new Error(`no ${file}`);
    const add = (node: TS.Node, field: string): void => {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      writes.push({ file, line, field, owner: owners.get(field) });
    };
    const visit = (node: TS.Node): void => {
      for (const target of targetsOf(node)) {
        const field = fieldIn(target) ?? (isStateType(checker.getTypeAtLocation(target)) ? "*" : undefined);
        if (field) add(target, field);
      }
      const handedOn = handedOnIn(node);
      if (handedOn && owners.get(handedOn) !== file) add(node, handedOn);
      if (isState(node) && isDisguised(node as TS.Expression)) add(node, "*");
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { owners, writes };

  /** The interface of the state in which a property is declared, if it is one. */
  function isFieldOfState(symbol: TS.Symbol | undefined): boolean {
    const declaration = symbol?.declarations?.[0];
    return declaration !== undefined && ts.isInterfaceDeclaration(declaration.parent) && declaration.getSourceFile() === stateFile;
  }

  function isState(node: TS.Node): boolean {
    return isValue(node) && isStateType(checker.getTypeAtLocation(node));
  }

  function isStateType(type: TS.Type | undefined): boolean {
    return type?.symbol?.name === "State" && type.symbol.declarations?.[0]?.getSourceFile() === stateFile;
  }

  /** The field that a reference is, or is a part of: `pause` for `state.pause`, `presses` for `state.presses[0]`, "*" for `state[name]`. */
  function fieldIn(reference: TS.Expression): string | undefined {
    const node = bare(reference);
    if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return undefined;
    const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node.argumentExpression);
    if (isFieldOfState(symbol)) return (symbol as TS.Symbol).name;
    return isStateType(checker.getTypeAtLocation(node.expression)) ? "*" : fieldIn(node.expression);
  }

  /** A field that holds an array or another object that can be changed, where it is used as a value: whoever gets it could change it. */
  function handedOnIn(node: TS.Node): string | undefined {
    if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return undefined;
    const isAccess = (parent: TS.Node): boolean =>
      (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) && bare(parent.expression) === node;
    let parent = node.parent;
    while (isWrapping(parent)) parent = parent.parent;
    if (isAccess(parent) || targetsOf(parent).some((target) => bare(target) === node)) return undefined;
    const name = ts.isPropertyAccessExpression(node) ? node.name : node.argumentExpression;
    const symbol = checker.getSymbolAtLocation(name);
    return isFieldOfState(symbol) && isChangeable(checker.getTypeAtLocation(node)) ? (symbol as TS.Symbol).name : undefined;
  }

  function isChangeable(type: TS.Type): boolean {
    if (type.isUnion()) return type.types.some(isChangeable);
    if (!(type.flags & ts.TypeFlags.Object)) return false;
    const writable = checker.getIndexInfosOfType(type).some(({ isReadonly }) => !isReadonly);
    return writable || type.getProperties().some((property) => MUTATORS.test(property.name));
  }

  /** Whether the whole state goes where it has another type, or none. */
  function isDisguised(node: TS.Expression): boolean {
    if (isWrapping(node.parent)) return true;
    if (isWrapping(node)) return false;
    const wanted = checker.getContextualType(node);
    return wanted !== undefined && !isStateType(wanted);
  }
}

/** Whether an expression is handed on: as an argument, a value, or a result. */
function isValue(node: TS.Node): boolean {
  const { parent } = node;
  if (!parent) return false;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return parent.arguments?.some((each) => each === node) ?? false;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isParameter(parent)) return parent.initializer === node;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.EqualsToken && parent.right === node;
  return (
    ts.isShorthandPropertyAssignment(parent) || ts.isReturnStatement(parent) || ts.isAsExpression(parent) || ts.isTypeAssertionExpression(parent)
  );
}

/** The references that a node changes. */
function targetsOf(node: TS.Node): readonly TS.Expression[] {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment ? patternTargets(node.left) : [];
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    return node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken ? [node.operand] : [];
  }
  if (ts.isDeleteExpression(node)) return [node.expression];
  if ((ts.isForInStatement(node) || ts.isForOfStatement(node)) && !ts.isVariableDeclarationList(node.initializer))
    return patternTargets(node.initializer);
  if (ts.isCallExpression(node)) {
    const callee = bare(node.expression);
    if (callee.getText() === "Object.assign" && node.arguments[0]) return [node.arguments[0]];
    if (ts.isPropertyAccessExpression(callee) && MUTATORS.test(callee.name.text)) return [callee.expression];
  }
  return [];
}

/** The references in the left side of an assignment, which may take objects and arrays apart. */
function patternTargets(left: TS.Expression): readonly TS.Expression[] {
  const node = bare(left);
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap((each) => patternTargets(ts.isSpreadElement(each) ? each.expression : each));
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.flatMap((each) => {
      if (ts.isPropertyAssignment(each)) return patternTargets(each.initializer);
      return ts.isSpreadAssignment(each) ? patternTargets(each.expression) : [];
    });
  }
  // `[a = 1] = list`
  return ts.isBinaryExpression(node) ? patternTargets(node.left) : [node];
}

function isWrapping(node: TS.Node): boolean {
  return ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node) || ts.isTypeAssertionExpression(node);
}

/** An expression without parentheses and type assertions. */
function bare(node: TS.Expression): TS.Expression {
  return isWrapping(node) ? bare((node as TS.ParenthesizedExpression).expression) : node;
}

function ownerOf(group: TS.InterfaceDeclaration): string | undefined {
  const tag = ts.getJSDocTags(group).find(({ tagName }) => tagName.text === "owner");
  const name = ts.getTextOfJSDocComment(tag?.comment);
  return name && `${FOLDER}/${name}`;
}

function createProgram(root: string, files: readonly string[], extra: ReadonlyMap<string, string>): TS.Program {
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options, true);
  const texts = new Map([...extra].map(([file, text]) => [path.join(root, file), text]));
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) => {
    const text = texts.get(name);
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  };
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  return ts.createProgram(
    files.map((file) => path.join(root, file)),
    options,
    host,
  );
}
