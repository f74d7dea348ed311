// A YAML document with line numbers. It checks parts of the document against schemas, and collects all faults with their lines.

import { isMap, isNode, isScalar } from "yaml";
import type { z } from "zod";
import { readYaml } from "../../firmware/tools/provision/yaml-document.js";
import { ToolError } from "../../firmware/tools/tool-error.js";

/** The scenario is invalid. */
export class ScenarioError extends ToolError {
  /** @param problems each is `file:line: what is wrong and what it should be` */
  constructor(readonly problems: readonly string[]) {
    super("scenarioInvalid", problems.join("\n"), "No scenario was played.", "Correct the scenario file: sim/scenario/SCENARIOS.md has every step.");
  }
}

/** The keys and indexes that lead to a value. */
export type Path = readonly PropertyKey[];

export interface LinedDocument {
  /** The whole document as plain values. */
  readonly value: unknown;
  /** Line of the key of a value, or of the nearest value around it. */
  lineAt(path: Path): number;
  /** Checks a part of the document. @returns undefined when it is invalid; the faults are noted */
  read<Schema extends z.ZodType>(schema: Schema, given: unknown, path: Path): z.output<Schema> | undefined;
  /** Notes a fault. */
  complain(line: number, message: string): void;
  /** @throws ScenarioError with all faults so far, in the order of their lines; nothing when there are none */
  throwProblems(): void;
}

/**
 * @param fileName for messages
 * @throws ScenarioError when the text is not YAML
 */
export function openDocument(text: string, fileName: string): LinedDocument {
  const { document, lines, value } = readYaml(text);
  const problems: { line: number; message: string }[] = [];

  const lineOf = (node: unknown): number | undefined => (isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined);

  function keyLine(path: Path): number | undefined {
    if (path.length === 0) return undefined;
    const around = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (!isMap(around)) return undefined;
    return lineOf(around.items.find(({ key }) => isScalar(key) && key.value === path[path.length - 1])?.key);
  }

  const opened: LinedDocument = {
    value,
    lineAt(path) {
      for (let length = path.length; length >= 0; length--) {
        const part = path.slice(0, length);
        const line = keyLine(part) ?? lineOf(document.getIn(part, true));
        if (line !== undefined) return line;
      }
      return 1;
    },
    read(schema, given, path) {
      const result = schema.safeParse(given);
      if (result.success) return result.data;
      for (const issue of flatten(result.error.issues)) {
        const at = [...path, ...issue.path];
        if (issue.code === "unrecognized_keys") {
          const messages = issue.message.split("\n");
          for (const [i, unknown] of issue.keys.entries()) opened.complain(opened.lineAt([...at, unknown]), messages[i] ?? issue.message);
          continue;
        }
        const name = issue.path.filter((part) => typeof part === "string").pop();
        opened.complain(opened.lineAt(at), `${name === undefined ? "" : `${name}: `}${issue.message}`);
      }
      return undefined;
    },
    complain(line, message) {
      problems.push({ line, message });
    },
    throwProblems() {
      if (problems.length === 0) return;
      problems.sort((a, b) => a.line - b.line);
      throw new ScenarioError([...new Set(problems.map(({ line, message }) => `${fileName}:${line}: ${message}`))]);
    },
  };
  for (const error of [...document.errors, ...document.warnings]) {
    opened.complain(error.linePos?.[0].line ?? 1, `this is not YAML: ${error.message.split("\n")[0]}`);
  }
  opened.throwProblems();
  return opened;
}

type Issue = z.core.$ZodIssue;

/**
 * The faults that people are told. Where no alternative of a union fits, the last and most general one tells the fault. An object with a wrong name is not
 * also reported to lack a field.
 */
function flatten(issues: readonly Issue[]): Issue[] {
  const flat = issues.flatMap((issue): Issue[] => {
    if (issue.code !== "invalid_union") return [issue];
    const last = issue.errors[issue.errors.length - 1] ?? [];
    return flatten(last.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
  });
  const misnamed = flat.filter(({ code }) => code === "unrecognized_keys").map(({ path }) => path.join());
  return flat.filter((issue) => issue.code === "unrecognized_keys" || !misnamed.includes(issue.path.join()));
}
