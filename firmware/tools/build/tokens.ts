// Writes a program as Espruino keeps it in Storage: each word and operator of the language is one byte, its token, which takes less room and is read at once. The
// interpreter knows these bytes by heart (jslex.h, LEX_TYPES: their order never changes), and turns them back into text when it prints an error.

import { parse, type Token } from "acorn";
import { MappedText } from "./passes/mapped-text.js";
import { walk } from "./passes/syntax.js";

/** The byte of the first token. The others follow in the order of the list. */
const FIRST_TOKEN = 138;

const TOKENS: ReadonlyMap<string, string> = new Map(
  (
    "== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= => " +
    "if else do while for break continue function return var let const this throw try catch finally true false null undefined new in instanceof " +
    "switch case default delete typeof void debugger class extends super static of"
  )
    .split(" ")
    .map((word, i) => [word, String.fromCharCode(FIRST_TOKEN + i)]),
);

const WORDS: ReadonlyMap<string, string> = new Map([...TOKENS].map(([word, token]) => [token, word]));

/** The bytes of a program in Storage. @param code a script in ASCII @throws SyntaxError when it is none */
export function programBytes(code: string): Buffer {
  return Buffer.from(tokenize(code).text, "latin1");
}

/** The script of which these are the bytes, as far as the interpreter can tell. */
export function scriptOf(bytes: Buffer): string {
  let script = "";
  let wasToken = false;
  for (const character of bytes.toString("latin1")) {
    const word = WORDS.get(character);
    const text = word ?? character;
    script += (word || wasToken) && isOneWord(script, text) ? ` ${text}` : text;
    wasToken = word !== undefined;
  }
  return script;
}

/**
 * A program in tokens: each character is a byte. Only the white space that the interpreter needs is left.
 * @param code a script in ASCII
 * @throws SyntaxError when it is none
 */
export function tokenize(code: string): MappedText {
  const tokens: Token[] = [];
  const program = parse(code, { ecmaVersion: "latest", onToken: tokens });
  const source = MappedText.of(code);
  const parts: (string | MappedText)[] = [];
  let last = "";
  let end = 0;
  const add = (from: number, to: number, token: string | undefined): void => {
    const text = code.slice(from, to);
    const gap = code.slice(end, from);
    if (gap.includes("\n")) parts.push("\n");
    else if (isOneWord(last, token ?? text)) parts.push(" ");
    parts.push(token === undefined ? source.slice(from, to) : source.slice(from, to).spelled(token));
    last = token ?? text;
    end = to;
  };
  const templates = templatesOf(program);
  for (const { start, end: tokenEnd } of tokens) {
    const template = templates.find((each) => each.start <= start && start < each.end);
    if (!template) {
      const text = code.slice(start, tokenEnd);
      // The name of a property stays, whatever it is.
      if (tokenEnd > start) add(start, tokenEnd, last === "." ? undefined : TOKENS.get(text));
    } else if (template.start >= end) add(template.start, template.end, undefined);
  }
  return MappedText.join(parts);
}

/** Whether two tokens would be read as one without a space between them. */
function isOneWord(before: string, behind: string): boolean {
  return /[\w$]\n[\w$]|^([+-])\n\1|\/\n\//.test(`${before.slice(-1)}\n${behind.slice(0, 1)}`);
}

/** The outermost template strings of a program. Espruino reads their text itself. */
function templatesOf(program: ReturnType<typeof parse>): { readonly start: number; readonly end: number }[] {
  const found: { readonly start: number; readonly end: number }[] = [];
  walk(program, (node) => {
    if (node.type !== "TemplateLiteral") return true;
    found.push(node);
    return false;
  });
  return found;
}
