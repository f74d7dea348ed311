// What is set aside in a comment at the end of the program does what it did, wherever the program stands in its file, and nothing goes there that cannot.

import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { setAside, withAside } from "../../firmware/tools/build/set-aside.js";
import { takeWhole } from "../../firmware/tools/build/whole-program.js";

const FILE = ".bootcde";

/** Runs a program that lies in the store. @returns what it has told */
function told(code: string): string[] {
  const lines: string[] = [];
  vm.runInNewContext(code, {
    tell: (...words: unknown[]) => lines.push(JSON.stringify(words)),
    require: (module: string) => {
      expect(module).toBe("Storage");
      return { read: (name: string) => (name === FILE ? code : undefined) };
    },
  });
  return lines;
}

/** Its functions `aside$...` are to be set aside; one calls another, and one is declared last. */
const PROGRAM =
  "var n=2,aside$add=(a,b)=>{return a+b+n},keep=a=>{return aside$twice(a)},aside$twice=a=>{var r=[a];return aside$add(a,r[0])*n};" +
  "tell(keep(5)),n=3,tell(aside$twice(1),aside$add(1,keep(2)));var aside$last=()=>{return n};tell(aside$last());";

describe("what is set aside", () => {
  it("does what it did, and stands in a comment behind the program", () => {
    const set = setAside(PROGRAM, FILE);
    expect(told(set)).toEqual(told(PROGRAM));
    expect(set).not.toContain("aside$");
    expect(set.slice(set.lastIndexOf("/*"))).toBe("/*~(a,b)=>{return a+b+n}a=>{var r=[a];return $1(0,21)(a,r[0])*n}()=>{return n}*/");
  });

  it.each([
    ["in front of it", "tell(0);", ""],
    ["behind it", "", ";tell(0);"],
    ["around it", "/* not this */tell(1);", "\n/* nor this */tell(2);\n"],
  ])("is found when something stands %s", (_where, before, behind) => {
    expect(told(before + setAside(PROGRAM, FILE) + behind)).toEqual(told(before + PROGRAM + behind));
  });

  it("leaves a program alone in which nothing is", () => {
    expect(setAside("var a=1;tell(a);", FILE)).toBe("var a=1;tell(a);");
    expect(withAside("var a=1;tell(a);")).toBe("var a=1;tell(a);");
  });

  it("uses names of its own", () => {
    const code = "var $0=1,$2=2,aside$f=($1)=>{return $0+$1+$2};tell(aside$f(3));";
    expect(told(setAside(code, FILE))).toEqual(["[6]"]);
  });

  it.each([
    ["is handed on", "var aside$f=()=>{return 1};tell([1].map(aside$f));", "aside$f is handed on"],
    ["calls itself", "var aside$f=n=>{return n?aside$f(n-1):0};tell(aside$f(1));", "aside$f calls itself"],
    ["calls itself by another", "var aside$f=n=>{return aside$g(n)},aside$g=n=>{return n?aside$f(n-1):0};tell(aside$f(1));", "calls itself"],
    ["would end the comment", 'var aside$f=n=>{return n*/a/.exec("a").length};tell(aside$f(1));', "cannot stand in a comment"],
  ])("is refused when it %s", (_what, code, problem) => {
    expect(told(code).length).toBe(1);
    expect(() => setAside(code, FILE)).toThrow(problem);
  });

  it("can be looked at as the program that it was", () => {
    const again = withAside(setAside(PROGRAM, FILE));
    expect(again).not.toContain("/*");
    expect(again).not.toContain("eval");
    expect(told(again)).toEqual(told(PROGRAM));
  });
});

describe("a function that is rare", () => {
  it("is named so that it is set aside, with what only such functions call, and nothing else", () => {
    const code = `
      function often(n) { tell("often"); return n + 1; }
      function helper(n) { tell("a line that is long enough to be worth a function: as long as most are, and that is what counts here", n); return often(n); }
      function short(n) { tell("short"); return often(n) + 2; }
      /** Does what is rarely done. @rare */
      function rare(n) { tell("rare"); return helper(n) + helper(n) + short(n); }
      tell(often(1), rare(2));`;
    const taken = takeWhole(code);
    expect([...taken.matchAll(/function ([\w$]+)\(/g)].map(([, name]) => name).sort()).toEqual(["aside$helper", "aside$rare", "often", "short"]);
    expect(told(taken)).toEqual(told(code));
  });

  it("keeps to itself what an ordinary function calls too", () => {
    const code = `
      function shared(n) { tell("shared by both of them"); return n; }
      function often(n) { tell("often"); return shared(n) + shared(n + 1); }
      /** @rare */
      function rare(n) { tell("rare"); return shared(n); }
      tell(often(1), often(2), rare(2));`;
    const taken = takeWhole(code);
    expect(taken).toContain("function shared(");
    expect(taken).toContain("function aside$rare(");
  });
});
