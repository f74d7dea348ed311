// Inlines factories: the body of a function that makes closures and is called once, by the top level, moves to that place. Its closures become functions of the
// top level, and what they closed over becomes variables there. A closure takes 4 or 5 variables of the interpreter more than a function of the top level.

import type { AnyNode, CallExpression, FunctionDeclaration, Identifier, ReturnStatement } from "acorn";
import { MappedText } from "./mapped-text.js";
import { freshName, type Program } from "./program.js";
import { isFunction, isNamedCall, nameOf, walk } from "./syntax.js";
import { splitDeclarations } from "./unique-names.js";

type NamedCall = CallExpression & { callee: Identifier };

/** Marks, in the comment in front of it, a function that stays a function, so that its own helpers can be sunk into it. */
export const COLD = "@cold";

/** Inlines the first factory that it finds, or moves a call out of the way of one. */
export function inlineFactories(program: Program): Program {
  for (const statement of program.body) {
    if (statement.type === "FunctionDeclaration") continue;
    const call = firstCall(program, statement);
    const declaration = call && program.functionOf(call.callee.name);
    if (!call || !declaration) continue;
    if (!isInlinable(program, call, declaration)) {
      if (isInTheWay(program, statement, call)) return splitAt(program, statement, call);
      continue;
    }
    const last = declaration.body.body.at(-1);
    const returned = last?.type === "ReturnStatement" ? last : undefined;
    if (returnsOf(declaration).some((each) => each !== returned)) continue;
    return inlined(program, statement, call, declaration, returned);
  }
  return program;
}

function isInlinable(program: Program, call: NamedCall, declaration: FunctionDeclaration): boolean {
  const isCold = program.commentBefore(declaration).text.includes(COLD);
  return program.names.get(call.callee.name)?.uses.length === 1 && isFactory(declaration) && !isCold;
}

/** The program with the body of a factory in place of its call. */
function inlined(
  program: Program,
  statement: AnyNode,
  call: NamedCall,
  declaration: FunctionDeclaration,
  returned: ReturnStatement | undefined,
): Program {
  const { source } = program;
  const parameters = declaration.params.flatMap((parameter, i) => {
    const argument = call.arguments[i];
    return [`var ${nameOf(parameter)} = `, argument ? program.textOf(argument) : "void 0", ";\n"];
  });
  const body = source.slice(declaration.body.start + 1, returned ? returned.start : declaration.body.end - 1);
  const result = returned?.argument ? program.operand(returned.argument) : "void 0";
  const rest = [source.slice(statement.start, call.start), result, source.slice(call.end, statement.end)];
  return program.edited([
    { start: declaration.start - program.commentBefore(declaration).length, end: declaration.end, text: "" },
    { start: statement.start, end: statement.end, text: splitDeclarations(MappedText.join([...parameters, body, "\n", ...rest])) },
  ]);
}

/** The program with a call in a statement of its own, in front of the rest of its statement. */
function splitAt(program: Program, statement: AnyNode, call: NamedCall): Program {
  const name = freshName(call.callee.name, new Set(program.names.keys()));
  return program.edited([
    { start: statement.start, end: statement.start, text: MappedText.join([`var ${name} = `, program.textOf(call), ";\n"]) },
    { start: call.start, end: call.end, text: name },
  ]);
}

/** The call in a statement of the top level that is executed first, if nothing that is evaluated before it can affect it. */
function firstCall(program: Program, statement: AnyNode): NamedCall | undefined {
  let call: NamedCall | undefined;
  let isOver = false;
  walk(statement, (node) => {
    if (call || isOver || isFunction(node)) return false;
    switch (node.type) {
      case "CallExpression":
        // Its function and its arguments are evaluated before the call itself.
        for (const each of [node.callee, ...node.arguments]) call ??= isOver ? undefined : firstCall(program, each);
        if (!call && isNamedCall(node)) call = node;
        isOver = true;
        return false;
      case "Identifier":
        isOver = (program.names.get(node.name)?.sets ?? 0) > 1;
        return false;
      case "ExpressionStatement":
      case "VariableDeclaration":
      case "VariableDeclarator":
      case "ObjectExpression":
      case "ArrayExpression":
      case "Property":
      case "Literal":
        return true;
      default:
        isOver = true;
        return false;
    }
  });
  return call;
}

/** Whether a factory that could be inlined is called in the same statement behind this call. */
function isInTheWay(program: Program, statement: AnyNode, call: NamedCall): boolean {
  let isFound = false;
  walk(statement, (node) => {
    if (isFunction(node)) return false;
    if (!isNamedCall(node) || node === call || node.start < call.end) return true;
    const declaration = program.functionOf(node.callee.name);
    if (declaration && program.names.get(node.callee.name)?.uses.length === 1 && isFactory(declaration)) isFound = true;
    return true;
  });
  return isFound;
}

/** Whether a function makes closures, or only returns an object. */
function isFactory(declaration: FunctionDeclaration): boolean {
  const [first] = declaration.body.body;
  let count = 0;
  walk(declaration, (node) => {
    if (isFunction(node)) count++;
  });
  return count > 1 || (first?.type === "ReturnStatement" && first.argument?.type === "ObjectExpression");
}

/** The return statements of a function, without those of functions inside it. */
function returnsOf(declaration: FunctionDeclaration): ReturnStatement[] {
  const found: ReturnStatement[] = [];
  walk(declaration.body, (node) => {
    if (isFunction(node)) return false;
    if (node.type === "ReturnStatement") found.push(node);
    return true;
  });
  return found;
}
