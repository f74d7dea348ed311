// The documents: every link leads somewhere, every file and command that they name exists, no document is out of reach, and both READMEs say the same.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NO_DOCUMENTS = ["node_modules", "dist", "secrets", "coverage", ".git"];

/** Every Markdown file in a folder, by its path from the root. */
function documentsIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return NO_DOCUMENTS.includes(entry.name) ? [] : documentsIn(file);
    return entry.name.endsWith(".md") ? [file] : [];
  });
}

const DOCUMENTS = documentsIn("");

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

/** Blocks of code, fenced by backticks or indented behind an empty line. */
const FENCED = /^```(\w*).*\n([\s\S]*?)^```$/gm;
const INDENTED = /(?<=\n\n)(?: {4}.*\n+)+/g;

/** The text without its code. */
function proseOf(text: string): string {
  return text
    .replace(FENCED, "")
    .replace(INDENTED, "")
    .replace(/`[^`\n]*`/g, "");
}

/** What a document links to, images included. */
function targetsOf(text: string): string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(([, link, source]) => (link ?? source) as string);
}

function isElsewhere(target: string): boolean {
  return /^[a-z]+:/.test(target);
}

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  return heading
    .replace(/\]\([^)]*\)/g, "]")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .replaceAll(" ", "-");
}

function headingsOf(text: string): string[] {
  return [...text.replace(FENCED, "").matchAll(/^#{1,6} .*$/gm)].map(([line]) => line);
}

/** Every anchor of a document: of headings with the same words the second one has `-1` at its end, and so on. */
function anchorsOf(text: string): string[] {
  const counts = new Map<string, number>();
  return headingsOf(text).map((line) => {
    const anchor = anchorOf(line.replace(/^#+ /, ""));
    const before = counts.get(anchor) ?? 0;
    counts.set(anchor, before + 1);
    return before ? `${anchor}-${before}` : anchor;
  });
}

/** The file that a link in a document leads to, from the root. */
function fileOf(document: string, target: string): string {
  return path.posix.join(path.posix.dirname(document), decodeURIComponent(target.split("#")[0] as string));
}

/** Links of a document that lead nowhere. */
function brokenLinks(document: string, text: string): string[] {
  return targetsOf(text).filter((target) => {
    if (isElsewhere(target)) return false;
    const [file, anchor] = target.split("#");
    const whole = file ? fileOf(document, target) : undefined;
    if (whole?.startsWith("..") || (whole && !existsSync(path.join(ROOT, whole)))) return true;
    return anchor !== undefined && !anchorsOf(whole ? read(whole) : text).includes(decodeURIComponent(anchor));
  });
}

const { scripts: SCRIPTS } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };

/** Names of the technician's commands, as its help lists them. */
const HELP = execFileSync(process.execPath, [path.join(ROOT, "firmware/tools/counter-terminal.js"), "--help"], { encoding: "utf8" });
const TOOLS = [...(HELP.split("Commands:")[1] ?? "").matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name as string);

describe("What the checks of this file see", () => {
  const text = [
    "# A title, and `code` · 中文",
    "",
    "[one](README.md) ![two](no.png) [![three](no.svg)](sim/README.md) `[four](no.md)` <img src='x' src=\"no.gif\">",
    "",
    "    [five](no.md)",
    "",
    "```js",
    "[six](no.md)",
    "```",
    "[seven](#a-title-and-code--中文) [eight](#elsewhere) [nine](https://example.org/no.md) [ten](../no.md)",
    "",
  ].join("\n");

  it("is every link that is no code", () => {
    expect(targetsOf(text).slice(0, 5)).toEqual(["README.md", "no.png", "no.svg", "sim/README.md", "no.gif"]);
  });

  it("is whether a file and an anchor exist", () => {
    expect(brokenLinks("test.md", text)).toEqual(["no.png", "no.svg", "no.gif", "#elsewhere", "../no.md"]);
  });

  it("is every command of the technician's tool", () => {
    expect(TOOLS).toEqual(expect.arrayContaining(["build", "init", "flash", "receive", "help"]));
  });

  it("is the second of two headings with the same words", () => {
    expect(anchorsOf("# Again\n\n## Again\n")).toEqual(["again", "again-1"]);
  });
});

describe.each(DOCUMENTS)("%s", (document) => {
  const text = read(document);

  it("links to files and headings that exist", () => {
    expect(brokenLinks(document, text)).toEqual([]);
  });

  it("names files that exist", () => {
    const named = [...text.matchAll(/`((?:firmware|hal|sim|test|\.github|\.ci)\/[\w./-]+)`/g)].map(([, file]) => file as string);
    const here = path.posix.dirname(document);
    expect(named.filter((file) => !existsSync(path.join(ROOT, file)) && !existsSync(path.join(ROOT, here, file)))).toEqual([]);
  });

  it("names commands that exist", () => {
    const scripts = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name as string);
    const tools = [...text.matchAll(/npx counter-terminal ([a-z][\w-]*)/g)].map(([, name]) => name as string);
    expect(scripts.filter((name) => !(name in SCRIPTS))).toEqual([]);
    expect(tools.filter((name) => !TOOLS.includes(name))).toEqual([]);
  });
});

describe("Every alert of the firmware", () => {
  /** These have a record that tells the same: a rating, a sign-out. */
  const OWN_RECORDS = ["badRating", "leftEarly", "forgotten"];
  const type = /type AlertName =([^;]*);/.exec(read("firmware/terminal/effects.ts"))?.[1] ?? "";
  const names = [...type.matchAll(/"(\w+)"/g)].map(([, name]) => name as string);

  it("is in the table of alerts in PROTOCOL.md", () => {
    expect(names).toContain("badRating");
    const table = read("firmware/uplink/PROTOCOL.md").split("### Alerts")[1]?.split("\n## ")[0] ?? "";
    expect(names.filter((name) => !table.includes(`\n| \`${name}\` |`))).toEqual([]);
  });

  it("is among the records in FORMAT.md, but for those that have a record of their own", () => {
    const row = /^\| 15 \| `alert` .*$/m.exec(read("firmware/ledger/FORMAT.md"))?.[0] ?? "";
    expect(names.filter((name) => !OWN_RECORDS.includes(name) && !row.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("From the README", () => {
  it.each(["README.md", "README.zh-CN.md"])("%s every document can be reached by links", (readme) => {
    const reached = new Set<string>();
    const visit = (document: string): void => {
      if (reached.has(document)) return;
      reached.add(document);
      for (const target of targetsOf(read(document))) {
        if (!isElsewhere(target) && target.split("#")[0]?.endsWith(".md")) visit(fileOf(document, target));
      }
    };
    visit(readme);
    expect(DOCUMENTS.filter((document) => !reached.has(document))).toEqual([]);
  });
});

describe("The README in English and the one in Chinese", () => {
  const [english, chinese] = [read("README.md"), read("README.zh-CN.md")];

  it("have the same sections, with as many lines in each table", () => {
    const shape = (text: string): string[] => [...text.replace(FENCED, "").matchAll(/^(?:#+(?= )|\|)/gm)].map(([mark]) => mark);
    expect(shape(chinese)).toEqual(shape(english));
  });

  it("have the same commands", () => {
    const commands = (text: string): string[] => text.match(INDENTED) ?? [];
    expect(commands(english).length).toBeGreaterThan(1);
    expect(commands(chinese)).toEqual(commands(english));
  });

  it("link to the same places, in the same order, and to each other", () => {
    const links = (text: string): string[] => targetsOf(text).filter((target) => !/^README[.\w-]*\.md$/.test(target));
    expect(links(chinese)).toEqual(links(english));
    expect([targetsOf(english)[0], targetsOf(chinese)[0]]).toEqual(["README.zh-CN.md", "README.md"]);
  });

  it("draw the same parts", () => {
    const drawing = (text: string): string[] => [...text.matchAll(FENCED)].map(([, , code]) => (code as string).replace(/"[^"]*"/g, '""'));
    expect(drawing(english)).toHaveLength(1);
    expect(drawing(chinese)).toEqual(drawing(english));
  });
});
