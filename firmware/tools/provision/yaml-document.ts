// Reads YAML that anybody may have written: whatever it is, what is wrong with it is a sentence.

import { type CST, type Document, LineCounter, Parser, parseDocument, YAMLParseError } from "yaml";

export interface YamlDocument {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  /** Its value; undefined where the document has errors. */
  readonly value: unknown;
}

/** Longest text. The parser takes a minute and gigabytes for one that is ten times as long. */
const MOST_CHARACTERS = 1_000_000;
const TOO_LONG = `is longer than ${MOST_CHARACTERS / 1e6} MB: is it the right file? Divide a hall that is as large`;
const MANY = "begins a second document: take out the line with --- before it";
/** Most levels, one within another. The parser calls itself for each, and where the stack ends the process may end with it. */
const MOST_LEVELS = 64;
const TOO_DEEP = `is nested too deep: more than ${MOST_LEVELS} levels`;
const TOO_MANY = "repeats parts by * so often that it would not fit into memory: write the values out";

export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const hindrance = hindranceIn(text);
  const document = parseDocument(hindrance ? "" : text, { lineCounter: lines });
  if (hindrance) document.errors.push(hindrance);
  for (const error of document.errors) {
    if (error.code === "MULTIPLE_DOCS") error.message = MANY;
    if (error.code === "DUPLICATE_KEY") error.message = `the field at column ${error.linePos?.[0].col} stands there twice: keep one`;
  }
  return { document, lines, value: document.errors.length > 0 ? undefined : plainValueOf(document) };
}

/** What keeps a text from being parsed; undefined: nothing. */
function hindranceIn(text: string): YAMLParseError | undefined {
  if (text.length > MOST_CHARACTERS) return errorAt(text, 0, TOO_LONG);
  const deep = offsetOfDeep(text);
  return deep === undefined ? undefined : errorAt(text, deep, TOO_DEEP);
}

function errorAt(text: string, offset: number, words: string): YAMLParseError {
  const error = new YAMLParseError([offset, offset], "IMPOSSIBLE", words);
  const before = text.slice(0, offset).split("\n");
  error.linePos = [{ line: before.length, col: (before.at(-1) as string).length + 1 }];
  return error;
}

/** Where a text is nested too deep; undefined: nowhere. */
function offsetOfDeep(text: string): number | undefined {
  for (const token of new Parser().parse(text)) {
    const waiting: [CST.Token | null | undefined, number][] = [[token, 0]];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [at, level] = next;
      if (!at) continue;
      if (level > MOST_LEVELS) return at.offset;
      if (at.type === "document") waiting.push([at.value, level]);
      if ("items" in at) for (const { key, value } of at.items) waiting.push([key, level + 1], [value, level + 1]);
    }
  }
  return undefined;
}

function plainValueOf(document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    document.errors.push(new YAMLParseError([0, 0], "BAD_ALIAS", TOO_MANY));
    return undefined;
  }
}
