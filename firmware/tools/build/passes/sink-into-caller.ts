// Sinks a function into its caller if that caller is cold and every way to the function leads through it: then the function exists only while the caller runs,
// and takes no memory and no name of the top level the rest of the time.

import type { AnyNode, FunctionDeclaration } from "acorn";
import { COLD } from "./inline-factories.js";
import { MappedText } from "./mapped-text.js";
import { callsOf, type Name, Program } from "./program.js";
import type { Mention } from "./program-part.js";
import { isFunction, nameOf } from "./syntax.js";

interface Candidate {
  readonly declaration: FunctionDeclaration;
  readonly comment: MappedText;
  readonly uses: number;
  /** Whether it runs rarely: its comment says so, or the top level calls it once. */
  readonly isCold: boolean;
  /** Whether it is only called, and never handed on. */
  readonly isOnlyCalled: boolean;
  /** Functions of the top level that use it, "" for the top level itself. */
  readonly callers: readonly string[];
}

export function sinkIntoCaller(program: Program): Program {
  const functions = new Map([...program.functions()].map(([name, declaration]) => [name.name, candidateOf(program, name, declaration)]));
  const dominators = dominatorsOf(functions);
  /** The function that each one sinks into, or "" for the top level. */
  const homes = new Map<string, string>();
  const homeOf = (name: string): string => {
    let home = homes.get(name);
    if (home === undefined) {
      const above = dominators.get(name);
      home = above && functions.get(name)?.isOnlyCalled ? homeOf(above) || (functions.get(above)?.isCold ? above : "") : "";
      homes.set(name, home);
    }
    return home;
  };
  const textOf = (name: string): MappedText => {
    const { declaration, comment } = functions.get(name) as Candidate;
    const { start, end, body } = declaration;
    const inner = [...functions.keys()].filter((each) => homeOf(each) === name).flatMap((each) => [textOf(each), "\n"]);
    return MappedText.join([comment, program.source.slice(start, body.start + 1), "\n", ...inner, program.source.slice(body.start + 1, end), "\n"]);
  };
  const rest = program.source.edited(
    [...functions.values()].map(({ declaration, comment }) => ({ start: declaration.start - comment.length, end: declaration.end, text: "" })),
  );
  // The minifier inlines short functions into those that stand below them: the program gets shortest with the most used ones on top.
  const top = [...functions].filter(([name]) => homeOf(name) === "").sort(([, a], [, b]) => b.uses - a.uses);
  return Program.of(MappedText.join([...top.map(([name]) => textOf(name)), rest]));
}

function candidateOf(program: Program, name: Name, declaration: FunctionDeclaration): Candidate {
  const comment = program.commentBefore(declaration);
  const isOnlyCalled = callsOf(name) !== undefined;
  // Called by the top level, once, it runs once. Called by a callback there, it would be made again and again, and only the garbage collector frees it.
  const isCalledOnce = isOnlyCalled && name.uses.length === 1 && !name.uses[0]?.path.some(isFunction);
  const isCold = comment.text.includes(COLD) || isCalledOnce;
  return { declaration, comment, uses: name.uses.length, isCold, isOnlyCalled, callers: callersOf(name.uses) };
}

function callersOf(uses: readonly Mention[]): string[] {
  const around = (node: AnyNode | undefined): string => (node?.type === "FunctionDeclaration" ? nameOf(node.id) : "");
  return [...new Set(uses.map(({ path }) => around(path[0])))];
}

/** For each function the innermost other one that every way to it leads through, or "" for the top level. */
function dominatorsOf(functions: ReadonlyMap<string, Candidate>): Map<string, string> {
  const all = new Set(functions.keys());
  /** For each function all that every way to it leads through, itself among them. */
  const through = new Map([...functions.keys()].map((name) => [name, new Set(all)]));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [name, { callers }] of functions) {
      const sets = callers.filter((each) => each !== name).map((each) => through.get(each) ?? new Set<string>());
      const common = new Set([...(sets[0] ?? [])].filter((each) => sets.every((set) => set.has(each))));
      common.add(name);
      if (common.size === through.get(name)?.size) continue;
      through.set(name, common);
      isChanged = true;
    }
  }
  return new Map(
    [...through].map(([name, set]) => {
      const others = [...set].filter((each) => each !== name);
      const depth = (each: string): number => through.get(each)?.size ?? 0;
      return [name, others.sort((a, b) => depth(b) - depth(a))[0] ?? ""];
    }),
  );
}
