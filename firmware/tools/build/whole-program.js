// Takes the firmware as one program that runs once. Modules and factories are for people; on a board every function, closure and object of theirs takes
// memory for good, and every level of nesting costs time. So what exists once is put where the interpreter finds it with least: at the top level, as plain
// functions and variables. What is rarely needed is the other way round: it goes into the function that needs it, and exists only while that runs.
//
// Measured on the interpreter (2v29): a function at the top level takes 4 variables and 1 a parameter; a closure 4 or 5 more, for the list of scopes that
// it keeps. A name is searched for from the innermost scope to the top level, and there from the first to the last.

import { parse } from "acorn";

/** A program that cannot be taken as a whole. */
export class ProgramError extends Error {}

/** A function of so many characters is worth a function of its own: shorter ones may be put into the one place that calls them. */
const SHORT_CHARACTERS = 160;

/** What a function returns in so many characters is as short as a call of it. */
const SHORTCUT_CHARACTERS = 30;

/** Marks a function whose helpers exist only while it runs, in the comment in front of it. */
const COLD = "@cold";

/** Marks a function that is set aside, and with it what only such functions call: see set-aside.js. */
const RARE = "@rare";

/** The names of functions that are set aside: the minifier keeps them. */
export const ASIDE = /^aside\$/;

/** @param {string} name of a function. @returns {string} its name when it is set aside */
export function asideName(name) {
  return `aside$${name}`;
}

/**
 * @param {string} code a script in ES5, of one program
 * @returns {string} a program that does the same, every name in it only once
 * @throws ProgramError when it uses `this`, `arguments` or `eval`, which tell where a function stands
 */
export function takeWhole(code) {
  let text = singleDeclarations(uniqueNames(code));
  const steps = [constants, aliases, namedFunctions, dissolvedObjects, unused, decided, calledOnce, commonParameters, shortcuts];
  let names = namesOf(text);
  for (let i = 0; i < steps.length; ) {
    const next = steps[i](text, names);
    i = next === text ? i + 1 : 0;
    if (next !== text) names = namesOf(next);
    text = next;
  }
  text = named(text, names);
  text = nested(text, namesOf(text));
  return keptApart(text, namesOf(text));
}

/**
 * Puts declarations without a value first in their function: the interpreter knows a variable only below them, and a minifier puts them anywhere.
 * @param {string} code a script
 * @returns {string}
 */
export function declareFirst(code) {
  const edits = [];
  walk(parse(code, { ecmaVersion: 2015 }), (node, path) => {
    const around = path.at(-1);
    const isEmpty = node.type === "VariableDeclaration" && around?.type === "BlockStatement" && node.declarations.every(({ init }) => !init);
    if (!isEmpty || !/Function/.test(path.at(-2)?.type) || around.body[0] === node) return;
    const text = code.slice(node.start, node.end).replace(/;?$/, ";");
    edits.push({ start: around.start + 1, end: around.start + 1, text }, { start: node.start, end: node.end, text: "" });
  });
  return edited(code, edits);
}

/** Calls `visit` for a node and all below it, outermost first, with the nodes around it, in a list that is used again. What `visit` refuses with `false` is not entered. */
export function walk(node, visit, path = []) {
  if (visit(node, path) === false) return;
  path.push(node);
  for (const part of Object.values(node)) {
    if (Array.isArray(part)) {
      for (const child of part) if (typeof child?.type === "string") walk(child, visit, path);
    } else if (typeof part?.type === "string") walk(part, visit, path);
  }
  path.pop();
}

function parseProgram(code) {
  return parse(code, { ecmaVersion: 5 });
}

function isFunction(node) {
  return node.type === "FunctionDeclaration" || node.type === "FunctionExpression";
}

/** Whether an identifier is only the name of a property. @param parent the node around it, if it is not the outermost one */
export function isKey(node, parent) {
  return (
    (parent?.type === "MemberExpression" && parent.property === node && !parent.computed) || (parent?.type === "Property" && parent.key === node)
  );
}

/** Replaces parts of a text. @param {{ start: number, end: number, text: string }[]} edits none inside another */
export function edited(code, edits) {
  const parts = [];
  let done = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(code.slice(done, start), text);
    done = end;
  }
  return parts.join("") + code.slice(done);
}

/** Changes that are made together. */
class Changes {
  edits = [];

  /** Takes the edits of one change, if they are not in the way of those that are taken already. */
  add(edits) {
    const isFree = edits.every((each) => this.edits.every((other) => each.end <= other.start || each.start >= other.end));
    if (isFree) this.edits.push(...edits);
  }

  appliedTo(code) {
    return edited(code, this.edits);
  }
}

/** Gives every variable, parameter and function a name that nothing else in the program has. */
function uniqueNames(code) {
  const program = parseProgram(code);
  /** The names that belong to each function, to each `catch` and to the program, with their new names. */
  const scopes = new Map();
  const declare = (owner, name) => {
    if (!scopes.has(owner)) scopes.set(owner, new Map());
    scopes.get(owner).set(name, undefined);
  };
  const around = (path) => path.findLast((node) => isFunction(node) || node.type === "Program");
  const identifiers = [];
  walk(program, (node, path) => {
    if (node.type === "ThisExpression") throw new ProgramError(`"this" at ${excerpt(code, node)}`);
    if (node.type === "VariableDeclarator") declare(around(path), node.id.name);
    if (node.type === "CatchClause") declare(node, node.param.name);
    if (isFunction(node)) for (const parameter of node.params) declare(node, parameter.name);
    if (node.type === "FunctionDeclaration") declare(around(path), node.id.name);
    if (node.type === "FunctionExpression" && node.id) declare(node, node.id.name);
    if (node.type === "Identifier" && !isKey(node, path[path.length - 1])) identifiers.push({ node, path: [...path] });
  });
  const found = identifiers.map(({ node, path }) => {
    // The name of a function statement belongs to what is around it.
    const last = path[path.length - 1];
    const from = last.type === "FunctionDeclaration" && last.id === node ? path.slice(0, -1) : path;
    return { node, owner: from.findLast((each) => scopes.get(each)?.has(node.name)) };
  });
  const taken = new Set(found.filter(({ owner }) => !owner).map(({ node }) => node.name));
  for (const name of ["arguments", "eval"]) if (taken.has(name)) throw new ProgramError(`the program uses "${name}"`);
  // From the outside in: what is known to the whole program keeps its name.
  for (const [, names] of [...scopes].sort(([a], [b]) => a.start - b.start || b.end - a.end)) {
    for (const name of names.keys()) names.set(name, freshName(name, taken));
  }
  return edited(
    code,
    found.flatMap(({ node, owner }) => (owner ? [{ start: node.start, end: node.end, text: scopes.get(owner).get(node.name) }] : [])),
  );
}

function freshName(name, taken) {
  let fresh = name;
  for (let i = 1; taken.has(fresh); i++) fresh = `${name}$${i}`;
  taken.add(fresh);
  return fresh;
}

/** One statement for each variable of the top level. */
function singleDeclarations(code) {
  const lists = parseProgram(code).body.filter((node) => node.type === "VariableDeclaration" && node.declarations.length > 1);
  return edited(
    code,
    lists.map(({ start, end, declarations }) => ({
      start,
      end,
      text: declarations.map((each) => `var ${code.slice(each.start, each.end)};`).join("\n"),
    })),
  );
}

/**
 * What the program does with each of its names: `uses` are the places where its value is taken, `sets` those where it gets one, the statement that declares it
 * with a value among them. `statement` is the one of the top level that declares it. Names that the program does not declare are left out.
 */
function namesOf(code) {
  const program = parseProgram(code);
  const names = new Map([["", { program }]]);
  const at = (name) => {
    if (!names.has(name)) names.set(name, { uses: [], sets: 0, statement: undefined, declared: false });
    return names.get(name);
  };
  walk(program, (node, path) => {
    const parent = path[path.length - 1];
    if (node.type !== "Identifier" || isKey(node, parent)) return;
    const name = at(node.name);
    if (parent.type === "VariableDeclarator" && parent.id === node) {
      name.declared = true;
      if (parent.init || path.at(-3)?.type === "ForInStatement") name.sets++;
      if (path.length === 3) name.statement = path[1];
    } else if (isFunction(parent) || parent.type === "CatchClause") {
      name.declared = true;
      name.sets++;
      if (parent.type === "FunctionDeclaration" && parent.id === node && path.length === 2) name.statement = parent;
    } else {
      if ((parent.type === "AssignmentExpression" && parent.left === node) || parent.type === "UpdateExpression") name.sets++;
      if (parent.type === "ForInStatement" && parent.left === node) name.sets++;
      name.uses.push({ node, path: [...path] });
    }
  });
  return names;
}

/** The variables of the top level that get a value once, where they are declared. */
function* onceSet(names) {
  for (const [name, { uses, sets, statement }] of names) {
    if (sets === 1 && statement?.type === "VariableDeclaration" && statement.declarations[0].init) {
      yield { name, uses, statement, init: statement.declarations[0].init };
    }
  }
}

/** The value of a number, or of what is made of numbers alone; else undefined. */
function numberOf(node) {
  if (node.type === "Literal" && typeof node.value === "number") return node.value;
  if (node.type === "UnaryExpression" && node.operator === "-") return negative(numberOf(node.argument));
  if (node.type !== "BinaryExpression") return undefined;
  const left = numberOf(node.left);
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

function negative(number) {
  return number === undefined ? undefined : -number;
}

/** Numbers, and what is used once of texts and of what is built in, stand where they are used; what is built in not in a function, which would look for it each time. */
function constants(code, names) {
  const changes = new Changes();
  for (const { uses, statement, init } of onceSet(names)) {
    const isText = init.type === "Literal" && typeof init.value === "string" && (uses.length < 2 || init.value.length < 6);
    const number = numberOf(init);
    // With a space: two signs in a row would be another operator.
    const text = isText ? code.slice(init.start, init.end) : number < 0 ? ` ${number}` : `${number}`;
    const isBuiltIn = init.type === "Identifier" && !names.get(init.name)?.declared && uses.length === 1 && !uses[0].path.some(isFunction);
    if (isBuiltIn) changes.add(replacing(statement, uses, init.name));
    else if (isText || number !== undefined) changes.add(replacing(statement, uses, text));
  }
  return changes.appliedTo(code);
}

/** A second name for what has one already. */
function aliases(code, names) {
  const changes = new Changes();
  for (const { uses, statement, init } of onceSet(names)) {
    const original = init.type === "Identifier" && names.get(init.name);
    if (original?.statement && original.sets === 1) changes.add(replacing(statement, uses, init.name));
  }
  return changes.appliedTo(code);
}

function replacing({ start, end }, uses, text) {
  return [{ start, end, text: "" }, ...uses.map(({ node }) => ({ start: node.start, end: node.end, text }))];
}

/** A variable that holds a function and nothing else ever is that function. */
function namedFunctions(code, names) {
  const changes = new Changes();
  for (const { name, statement, init } of onceSet(names)) {
    if (init.type !== "FunctionExpression" || init.id) continue;
    changes.add([{ start: statement.start, end: statement.end, text: functionText(code, name, init) }]);
  }
  return changes.appliedTo(code);
}

function functionText(code, name, node) {
  const parameters = node.params.map((each) => each.name).join(", ");
  return `function ${name}(${parameters}) ${code.slice(node.body.start, node.body.end)}\n`;
}

/** An object that is never handed on, only looked into or changed there: its properties are variables, and what it has not is undefined. */
function dissolvedObjects(code, names) {
  const changes = new Changes();
  const taken = new Set(names.keys());
  for (const { name, uses, statement, init } of onceSet(names)) {
    if (init.type !== "ObjectExpression" || !init.properties.every((each) => each.kind === "init")) continue;
    const keys = init.properties.map(({ key }) => String(key.name ?? key.value));
    const isLookedInto = ({ node, path }) => {
      const parent = path[path.length - 1];
      const outside = path[path.length - 2];
      const isDeleted = outside.type === "UnaryExpression" && outside.operator === "delete";
      if (parent.type !== "MemberExpression" || parent.object !== node || parent.computed || isDeleted) return false;
      const isSet = (outside.type === "AssignmentExpression" && outside.left === parent) || outside.type === "UpdateExpression";
      // What every object has is found elsewhere.
      return keys.includes(parent.property.name) || !(isSet || parent.property.name in {});
    };
    if (!uses.every(isLookedInto)) continue;
    const own = new Map(keys.map((key) => [key, freshName(`${name}_${key.replace(/\W/g, "_")}`, taken)]));
    const texts = init.properties.map(({ value, start }, i) => {
      const comment = commentBefore(code, start);
      const property = own.get(keys[i]);
      const isPlain = value.type === "FunctionExpression" && !value.id;
      return comment + (isPlain ? functionText(code, property, value) : `var ${property} = ${code.slice(value.start, value.end)};`);
    });
    changes.add([
      { start: statement.start, end: statement.end, text: texts.join("\n") },
      ...uses.map(({ path }) => {
        const member = path[path.length - 1];
        return { start: member.start, end: member.end, text: own.get(member.property.name) ?? "(void 0)" };
      }),
    ]);
  }
  return changes.appliedTo(code);
}

/** Functions that nobody calls go at once, so that a variable which only they set is seen to be a constant. */
function unused(code, names) {
  const changes = new Changes();
  for (const { uses, statement } of names.values()) {
    if (statement?.type === "FunctionDeclaration" && uses.length === 0) changes.add([{ start: statement.start, end: statement.end, text: "" }]);
  }
  return changes.appliedTo(code);
}

/** What an empty text decides, which is never so, and sums with nothing: nothing here makes a text of a 0. */
function decided(code) {
  const changes = new Changes();
  const isNever = (node) => node.type === "Literal" && node.value === "";
  walk(parseProgram(code), ({ type, operator, test, left, right, consequent, alternate, start, end }) => {
    const isWithNothing = type === "BinaryExpression" && operator === "+" && left.value === 0;
    const rest = type === "LogicalExpression" && isNever(left) ? (operator === "&&" ? left : right) : isWithNothing ? right : undefined;
    const taken = type === "ConditionalExpression" && isNever(test) ? alternate : rest;
    if (taken) changes.add([{ start, end, text: operand(code, taken) }]);
    if (type === "IfStatement" && isNever(test) && consequent)
      changes.add([{ start, end, text: alternate ? code.slice(alternate.start, alternate.end) : ";" }]);
  });
  return changes.appliedTo(code);
}

/** The comment that stands in front of a place, or "". */
function commentBefore(code, at) {
  return /\/\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(code.slice(Math.max(0, at - 2000), at))?.[0] ?? "";
}

/** A function that the top level calls, once, and that makes closures: what it does is done there, so that they are functions of the top level. */
function calledOnce(code, names) {
  for (const statement of names.get("").program.body) {
    if (statement.type === "FunctionDeclaration") continue;
    const call = firstCall(statement, names);
    const called = call && names.get(call.callee.name);
    if (called?.statement?.type !== "FunctionDeclaration") continue;
    const { uses, statement: declaration } = called;
    if (uses.length > 1 || called.sets > 1 || !isFactory(declaration) || commentBefore(code, declaration.start).includes(COLD)) {
      // It stays a call, before whatever comes behind it in the statement.
      if (!isWorthMoving(statement, call, names)) continue;
      const name = freshName(call.callee.name, new Set(names.keys()));
      const text = `var ${name} = ${code.slice(call.start, call.end)};\n`;
      return edited(code, [
        { start: statement.start, end: statement.start, text },
        { start: call.start, end: call.end, text: name },
      ]);
    }
    const last = declaration.body.body.at(-1);
    const returned = last?.type === "ReturnStatement" ? last : undefined;
    if (returnsOf(declaration).some((each) => each !== returned)) continue;
    const parameters = declaration.params.map((each, i) => {
      const given = call.arguments[i];
      return `var ${each.name} = ${given ? code.slice(given.start, given.end) : "void 0"};\n`;
    });
    const body = code.slice(declaration.body.start + 1, returned ? returned.start : declaration.body.end - 1);
    const result = returned?.argument ? operand(code, returned.argument) : "void 0";
    const rest = code.slice(statement.start, call.start) + result + code.slice(call.end, statement.end);
    const comment = commentBefore(code, declaration.start);
    return singleDeclarations(
      edited(code, [
        { start: declaration.start - comment.length, end: declaration.end, text: "" },
        { start: statement.start, end: statement.end, text: `${parameters.join("")}${body}\n${rest}` },
      ]),
    );
  }
  return code;
}

/** The call in a statement of the top level that happens first, if nothing that comes before it can make a difference to it. */
function firstCall(statement, names) {
  let call;
  let isOver = false;
  walk(statement, (node) => {
    if (call || isOver || isFunction(node)) return false;
    switch (node.type) {
      case "CallExpression":
        // What is called and its arguments come before the call itself.
        for (const each of [node.callee, ...node.arguments]) call ??= isOver ? undefined : firstCall(each, names);
        if (!call && node.callee.type === "Identifier") call = node;
        isOver = true;
        return false;
      case "Identifier":
        isOver = (names.get(node.name)?.sets ?? 0) > 1;
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

/** Whether a call stands in the way of another one that could be taken apart. */
function isWorthMoving(statement, call, names) {
  let isWorth = false;
  walk(statement, (node) => {
    if (isFunction(node)) return false;
    const called = node.type === "CallExpression" && node !== call && node.start >= call.end && names.get(node.callee.name);
    if (called && called.statement?.type === "FunctionDeclaration" && called.uses.length === 1 && isFactory(called.statement)) isWorth = true;
    return true;
  });
  return isWorth;
}

/** Whether a function makes closures, or is there for an object. */
function isFactory(declaration) {
  const [first] = declaration.body.body;
  let count = 0;
  walk(declaration, (node) => {
    if (isFunction(node)) count++;
  });
  return count > 1 || (first?.type === "ReturnStatement" && first.argument?.type === "ObjectExpression");
}

function returnsOf(declaration) {
  const found = [];
  walk(declaration.body, (node) => {
    if (isFunction(node)) return false;
    if (node.type === "ReturnStatement") found.push(node);
    return true;
  });
  return found;
}

/** The calls of a function of the top level, or undefined where it is handed on too. */
function callsOf({ uses, sets }) {
  if (sets > 1) return undefined;
  const calls = uses.map(({ node, path }) => {
    const parent = path[path.length - 1];
    return parent.type === "CallExpression" && parent.callee === node ? parent : undefined;
  });
  return calls.every((each) => each) ? calls : undefined;
}

/** A parameter that every call gives the same variable of the top level, or the same number, is none. */
function commonParameters(code, names) {
  const changes = new Changes();
  for (const called of names.values()) {
    if (called.statement?.type !== "FunctionDeclaration") continue;
    const calls = callsOf(called);
    if (!calls?.length) continue;
    const { params } = called.statement;
    for (let i = 0; i < params.length; i++) {
      const parameter = names.get(params[i].name);
      if (parameter.sets > 1) continue;
      const values = calls.map((call) => call.arguments[i]).filter((value) => value?.type !== "Identifier" || value.name !== params[i].name);
      const first = values[0];
      if (!first || !isFixed(first, names)) continue;
      const text = code.slice(first.start, first.end);
      if (!values.every((value) => value && isFixed(value, names) && code.slice(value.start, value.end) === text)) continue;
      const without = (list) => ({
        start: i > 0 ? list[i - 1].end : list[i].start,
        end: i > 0 || i + 1 === list.length ? list[i].end : list[i + 1].start,
        text: "",
      });
      changes.add([
        without(params),
        ...calls.map((call) => without(call.arguments)),
        ...parameter.uses
          .filter(({ node }) => !calls.some((call) => call.arguments[i] === node))
          .map(({ node }) => ({ start: node.start, end: node.end, text })),
      ]);
    }
  }
  return changes.appliedTo(code);
}

/** A value that is the same everywhere and always. */
function isFixed(node, names) {
  if (node.type === "Identifier") {
    const known = names.get(node.name);
    return known?.statement !== undefined && known.sets === 1;
  }
  return node.type === "Literal" || numberOf(node) !== undefined;
}

/** A function that only says where something is found, or hands its parameters on: what it says stands where it is called. */
function shortcuts(code, names) {
  const changes = new Changes();
  for (const called of names.values()) {
    const { statement } = called;
    if (statement?.type !== "FunctionDeclaration" || statement.body.body.length !== 1) continue;
    const calls = callsOf(called);
    const value = statement.body.body[0].type === "ReturnStatement" && statement.body.body[0].argument;
    if (!calls || !value || value.end - value.start > SHORTCUT_CHARACTERS || called.uses.some(({ path }) => path.includes(statement))) continue;
    // Each parameter once and in order, and nothing before them that they could change.
    const { params } = statement;
    const places = value.type === "CallExpression" ? value.arguments.filter(({ type }) => type !== "Literal") : [];
    const isHandingOn = value.type === "CallExpression" && isPath(value.callee) && places.length === params.length;
    const isInOrder = places.every(({ type, name }, i) => type === "Identifier" && name === params[i]?.name);
    const isRight = params.length > 0 ? isHandingOn && isInOrder : !hasEffects(value);
    if (!isRight || !calls.every((call) => call.arguments.length === params.length)) continue;
    for (const call of calls) {
      // Without parameters what it says stands as it is.
      const given = places.slice(0, params.length).map(({ start, end }, i) => {
        const argument = call.arguments[i];
        return { start: start - value.start, end: end - value.start, text: operand(code, argument) };
      });
      const text = edited(code.slice(value.start, value.end), given);
      changes.add([{ start: call.start, end: call.end, text: isOperand(value) ? text : `(${text})` }]);
    }
  }
  return changes.appliedTo(code);
}

/** A name, or a property of a property of one. */
function isPath(node) {
  return node.type === "Identifier" || (node.type === "MemberExpression" && !node.computed && isPath(node.object));
}

/** Whether an expression makes or changes anything. */
function hasEffects(expression) {
  let found = false;
  walk(expression, ({ type }) => {
    if (/^(Assignment|Update|Function|New|Object|Array)/.test(type)) found = true;
  });
  return found;
}

/** An expression as it may stand in any other one. */
function operand(code, node) {
  const text = code.slice(node.start, node.end);
  return isOperand(node) ? text : `(${text})`;
}

function isOperand({ type }) {
  return /^(Identifier|Literal|Call|Member|Object|Array)/.test(type);
}

/** Gives functions that are set aside their names. A short one with one caller is left to the minifier, which puts it in there. */
function named(code, names) {
  const functions = [...names].filter(([, { statement }]) => statement?.type === "FunctionDeclaration");
  const rare = new Set(functions.filter(([, { statement }]) => commentBefore(code, statement.start).includes(RARE)).map(([name]) => name));
  const isRare = (name) => rare.has(name);
  for (let size = -1; size !== rare.size; ) {
    size = rare.size;
    for (const [name, called] of functions) {
      const callers = callersOf(called.uses);
      if (callsOf(called) && callers.length > 0 && callers.every(isRare)) rare.add(name);
    }
  }
  const edits = functions.flatMap(([name, { statement, uses }]) => {
    const isMarked = commentBefore(code, statement.start).includes(RARE);
    if (!rare.has(name) || (!isMarked && uses.length === 1 && statement.body.end - statement.body.start < SHORT_CHARACTERS)) return [];
    return [statement.id, ...uses.map(({ node }) => node)].map(({ start, end }) => ({ start, end, text: asideName(name) }));
  });
  return edited(code, edits);
}

/** Puts what only a cold function needs into it: functions all of whose callers are in there. */
function nested(code, names) {
  const functions = new Map();
  for (const [name, { statement, uses, sets }] of names) {
    if (statement?.type !== "FunctionDeclaration" || sets > 1) continue;
    const comment = commentBefore(code, statement.start);
    functions.set(name, { name, statement, comment, isCold: comment.includes(COLD), callers: callersOf(uses), isCalled: !!callsOf({ uses, sets }) });
  }
  // A function that the top level calls, once, runs once: it is as cold as can be. One that is called by a callback there runs again and again, and what
  // is made in it each time is a ring of function and scope, which only the garbage collector frees.
  for (const [name, each] of functions) {
    const { uses } = names.get(name);
    if (each.isCalled && uses.length === 1 && !uses[0].path.some(isFunction)) each.isCold = true;
  }
  const dominators = dominatorsOf(functions);
  /** Into which function each goes, or "" for the top level. */
  const home = new Map();
  const homeOf = (name) => {
    if (!home.has(name)) {
      const above = dominators.get(name);
      const isInside = above && functions.get(name).isCalled && !ASIDE.test(name);
      home.set(name, isInside ? homeOf(above) || (functions.get(above).isCold ? above : "") : "");
    }
    return home.get(name);
  };
  const textOf = (name) => {
    const { statement, comment } = functions.get(name);
    const inner = [...functions.keys()].filter((each) => homeOf(each) === name).map(textOf);
    const { start, end, body } = statement;
    return `${comment}${code.slice(start, body.start + 1)}\n${inner.join("\n")}${code.slice(body.start + 1, end)}\n`;
  };
  const rest = edited(
    code,
    [...functions.values()].map(({ statement, comment }) => ({ start: statement.start - comment.length, end: statement.end, text: "" })),
  );
  // The minifier puts short ones into those below them: the most used ones first make the program shortest.
  const atTop = [...functions.keys()].filter((name) => homeOf(name) === "");
  atTop.sort((a, b) => names.get(b).uses.length - names.get(a).uses.length);
  return atTop.map(textOf).join("") + rest;
}

/** The functions of the top level in which something is used; "" for the top level itself. */
function callersOf(uses) {
  return [...new Set(uses.map(({ path }) => (path[1]?.type === "FunctionDeclaration" ? path[1].id.name : "")))];
}

/** For each function the innermost other one through which every way to it leads, or "" for the top level. */
function dominatorsOf(functions) {
  const all = new Set(functions.keys());
  /** For each function all that every way to it leads through. */
  const through = new Map([...functions].map(([name]) => [name, new Set(all)]));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [name, { callers }] of functions) {
      const sets = callers.filter((each) => each !== name).map((each) => through.get(each) ?? new Set());
      const common = new Set([...(sets[0] ?? [])].filter((each) => sets.every((set) => set.has(each))));
      common.add(name);
      if (common.size === through.get(name).size) continue;
      through.set(name, common);
      isChanged = true;
    }
  }
  return new Map(
    [...through].map(([name, set]) => {
      const others = [...set].filter((each) => each !== name);
      return [name, others.sort((a, b) => through.get(b).size - through.get(a).size)[0] ?? ""];
    }),
  );
}

/** What the interpreter skips it reads all the same: a long function stays one, instead of a part of the only one that calls it, and so does one that is set aside. */
function keptApart(code, names) {
  const long = new Set();
  walk(names.get("").program, (node) => {
    if (node.type !== "FunctionDeclaration") return;
    if (node.body.end - node.body.start >= SHORT_CHARACTERS || ASIDE.test(node.id.name)) long.add(node.id.name);
  });
  const edits = [];
  walk(names.get("").program, (node, path) => {
    if (node.type !== "CallExpression" || !long.has(node.callee.name) || !path.some(isFunction)) return;
    edits.push({ start: node.start, end: node.start, text: "/*@__NOINLINE__*/ " });
  });
  return edited(code, edits);
}

function excerpt(code, { start }) {
  return `"${code.slice(Math.max(0, start - 20), start + 60)}"`;
}
