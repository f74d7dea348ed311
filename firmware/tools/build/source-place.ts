// Finds the place in the sources that a place in a bundle was made from, by the source map that the build wrote beside it.

import { createRequire } from "node:module";
import { originalPositionFor, sourceContentFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Node, SourceFile } from "typescript";
import { tokenize } from "./tokens.js";

/** A place in a text. Both numbers begin at 1, as the interpreter prints them. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SourcePlace extends Place {
  /** Path of the source file, from the project's root. */
  readonly file: string;
  /** Names of the functions around it, outermost first. Empty outside all functions. */
  readonly functions: readonly string[];
}

/**
 * @param map a source map in JSON
 * @param place in the bundle
 * @returns undefined when the map has no source for the place
 */
export function sourcePlaceOf(map: string, { line, column }: Place): SourcePlace | undefined {
  const trace = new TraceMap(map);
  const found = originalPositionFor(trace, { line, column: column - 1 });
  if (found.source === null) return undefined;
  const content = sourceContentFor(trace, found.source);
  const functions = content ? functionsAround(content, { line: found.line, column: found.column + 1 }) : [];
  return { file: found.source, line: found.line, column: found.column + 1, functions };
}

/**
 * The place in a script that a place in its bytes on a board stands for.
 * @param code the script
 * @param place as the board printed it
 * @returns undefined when the bytes have no such place
 */
export function scriptPlaceOf(code: string, { line, column }: Place): Place | undefined {
  const tokens = tokenize(code);
  const before = tokens.text.split("\n").slice(0, line - 1);
  const origin = tokens.originAt(before.join("\n").length + (before.length && 1) + column - 1);
  if (origin < 0) return undefined;
  const lines = code.slice(0, origin).split("\n");
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

/**
 * The places that a board has printed with an error, such as `at f (.bootcde:1:28)`.
 * @param text whatever a console has printed
 * @returns each with the name of its file, in their order
 */
export function placesIn(text: string): { readonly file: string; readonly place: Place; readonly text: string }[] {
  return [...text.matchAll(/([^\s():]+):(\d+):(\d+)/g)].map(([whole, file, line, column]) => ({
    file: file as string,
    place: { line: Number(line), column: Number(column) },
    text: whole,
  }));
}

function functionsAround(content: string, { line, column }: Place): string[] {
  const ts = createRequire(import.meta.url)("typescript") as typeof import("typescript");
  const file = ts.createSourceFile("source.ts", content, ts.ScriptTarget.ES2022, true);
  const at = offsetOf(file, line, column);
  const names: string[] = [];
  const visit = (node: Node): void => {
    if (at < node.getStart(file) || at >= node.end) return;
    if (ts.isFunctionLike(node)) {
      const named = node.name ?? (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name : undefined);
      if (named) names.push(named.getText(file));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** The offset of a place; the file's end when the file has no such line. */
function offsetOf(file: SourceFile, line: number, column: number): number {
  const starts = file.getLineStarts();
  return (starts[line - 1] ?? file.end) + column - 1;
}
