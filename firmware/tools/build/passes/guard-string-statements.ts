// Puts a semicolon in front of each statement that begins with a string. When the interpreter skips the block of an `if`, it reads the token behind the
// block without its text: `if (a) { b } "x" === c` then compares "" with c.

import type { Edit, MappedText } from "./mapped-text.js";
import { parseMinified, walk } from "./syntax.js";

export function guardStringStatements(source: MappedText): MappedText {
  const edits: Edit[] = [];
  walk(parseMinified(source.text), ({ type, start }) => {
    if (type === "ExpressionStatement" && /["'`]/.test(source.text[start] as string)) edits.push({ start, end: start, text: ";" });
  });
  return source.edited(edits);
}
