// Moves declarations without a value to the beginning of their function: the interpreter knows a variable only below its declaration, and the minifier puts
// them anywhere.

import { type Edit, MappedText } from "./mapped-text.js";
import { parseMinified, walk } from "./syntax.js";

export function hoistDeclarations(source: MappedText): MappedText {
  const edits: Edit[] = [];
  walk(parseMinified(source.text), (node, path) => {
    const block = path.at(-1);
    if (node.type !== "VariableDeclaration" || block?.type !== "BlockStatement" || block.body[0] === node) return;
    if (!/Function/.test(path.at(-2)?.type ?? "") || node.declarations.some(({ init }) => init)) return;
    const declared = source.slice(node.start, node.end);
    const text = declared.text.endsWith(";") ? declared : MappedText.join([declared, ";"]);
    edits.push({ start: block.start + 1, end: block.start + 1, text }, { start: node.start, end: node.end, text: "" });
  });
  return source.edited(edits);
}
