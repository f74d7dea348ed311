// What is rarely done is set aside: its functions stand in a comment at the end of the program, which the interpreter passes over four times as fast as
// source, and they take no memory and no name that others would have to be looked for behind. Who calls one takes it out of the program's own file, where it
// lies in flash, and it is gone when it has returned. On a Pico such a call takes about two milliseconds more, and one for each 400 characters.

import { parse } from "acorn";
import { ASIDE, asideName, edited, isKey, walk } from "./whole-program.js";

/** What the comment begins with. */
const MARK = "/*~";

/** Stands for the function that reads what is set aside. */
const HERE = "<here>";

/**
 * Sets aside the functions of the top level whose names say so.
 * @param {string} code a minified script, each of its functions a variable of the top level that holds an arrow function
 * @param {string} file the name that the program has in the board's store
 * @returns {string}
 */
export function setAside(code, file) {
  const program = parse(code, { ecmaVersion: 2015 });
  const functions = new Map();
  for (const { declarations } of program.body.filter(({ type }) => type === "VariableDeclaration")) {
    for (const { id, init } of declarations) if (ASIDE.test(id.name) && init) functions.set(id.name, init);
  }
  if (functions.size === 0) return code;
  const [kept, read, at, length] = freeNames(code, 4);
  const places = new Map();
  let aside = "";
  /** A part of the program with its calls of what is set aside. */
  const partOf = (node, isTop, readerAt) => {
    const edits = isTop ? [{ start: readerAt, end: readerAt, text: HERE }] : [];
    walk(node, (each, path) => {
      const parent = path.at(-1);
      // What is in them is for them.
      if (isTop && functions.get(each.id?.name) === each.init && each.init) return false;
      if (each.type !== "Identifier" || !functions.has(each.name) || isKey(each, parent)) return true;
      if (parent?.type !== "CallExpression" || parent.callee !== each) throw new Error(`${each.name} is handed on, and cannot be set aside`);
      edits.push({ start: each.start, end: each.end, text: `${read}(${placeOf(each.name)})` });
      return true;
    });
    if (isTop) edits.push(...withoutFunctions(program, functions));
    return edited(
      code.slice(node.start, node.end),
      edits.map(({ start, end, text }) => ({ start: start - node.start, end: end - node.start, text })),
    );
  };
  const placeOf = (name) => {
    if (places.get(name) === "") throw new Error(`${name} calls itself, and cannot be set aside`);
    if (!places.has(name)) {
      places.set(name, "");
      const text = partOf(functions.get(name), false);
      places.set(name, `${aside.length},${text.length}`);
      aside += text;
    }
    return places.get(name);
  };
  // Behind all declarations that the program begins with: what is used more often is found first.
  const first = program.body.findIndex(({ type, expression }) => type !== "VariableDeclaration" && expression?.type !== "Identifier");
  const rest = partOf(program, true, first < 0 ? program.end : program.body[first].start);
  if (aside.includes("*/")) throw new Error("what is set aside cannot stand in a comment");
  // Where something stands behind the program, such as a line of a technician's, the comment is looked for.
  const whole = MARK.length + aside.length + 2;
  const begin = `"${MARK}"===${kept}.substr(-${whole},${MARK.length})?${MARK.length - whole}:${kept}.lastIndexOf("${MARK}")+${MARK.length}`;
  const find = `if(!${kept}){${kept}=require("Storage").read("${file}");${kept}=${kept}.substr(${begin})}`;
  const reader = `var ${kept},${read}=(${at},${length})=>{${find}return eval(${kept}.substr(${at},${length}))};`;
  return `${rest.replace(HERE, () => reader)}${MARK}${aside}*/`;
}

/**
 * The same program with nothing set aside, to be looked at.
 * @param {string} code what `setAside` gives, or a program in which nothing is
 * @returns {string}
 */
export function withAside(code) {
  const [declaration, reader] = /var [\w$]+,([\w$]+)=\([^)]*\)=>\{if\(![^}]*\}return eval\([^}]*\};/.exec(code) ?? [];
  if (!declaration) return code;
  const begin = code.lastIndexOf(MARK);
  const aside = code.slice(begin + MARK.length, code.lastIndexOf("*/"));
  const call = new RegExp(`(?<![\\w$])${reader.replaceAll("$", "\\$")}\\((\\d+),(\\d+)\\)\\(`, "g");
  const found = new Map();
  const named = (text) =>
    text.replace(call, (_, at, length) => {
      if (!found.has(at)) {
        found.set(at, "");
        found.set(at, named(aside.slice(Number(at), Number(at) + Number(length))));
      }
      return `${asideName(at)}(`;
    });
  const rest = named(code.slice(0, begin).replace(declaration, ""));
  const declarations = [...found].map(([at, text]) => `${asideName(at)}=${text}`);
  return `var ${declarations.join(",")};${rest}`;
}

/** Takes the functions out of the declarations of the top level. */
function withoutFunctions(program, functions) {
  return program.body
    .filter(({ type, declarations }) => type === "VariableDeclaration" && declarations.some(({ id }) => functions.has(id.name)))
    .flatMap(({ start, end, declarations }) => {
      const isGone = ({ id }) => functions.has(id.name);
      if (declarations.every(isGone)) return [{ start, end, text: "" }];
      // Each with the comma behind it, the last ones with the comma before them.
      const last = declarations.findLastIndex((each) => !isGone(each));
      return declarations.flatMap((each, i) => {
        if (!isGone(each)) return [];
        const edges = i > last ? { start: declarations[i - 1].end, end: each.end } : { start: each.start, end: declarations[i + 1].start };
        return [{ ...edges, text: "" }];
      });
    });
}

/** Names that are nowhere in the program. */
function freeNames(code, count) {
  const names = [];
  for (let i = 0; names.length < count; i++) if (!code.includes(`$${i}`)) names.push(`$${i}`);
  return names;
}
