// The bundle gate on every board's bundle, and each of its rules on a fault made for it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { bundleBudgetBytes } from "../../firmware/tools/build/budgets.js";
import { boardNames, currentFirmware, readBoard } from "../../firmware/tools/build/build.js";
import { BUILT_TEST_BOARDS } from "../boards.js";
import { sampleOf } from "../depth.js";
import { faultsOf, type Rule } from "./gate.js";
import { FUNCTION_MEMBERS, LANGUAGE_GLOBALS, MISSING_METHODS, STATIC_MEMBERS } from "./interpreter.js";

describe("the bundle", () => {
  it.each(boardNames())("of %s holds nothing that the interpreter lacks or reads otherwise", async (board) => {
    const { code } = await currentFirmware(board);
    expect(faultsOf(code, bundleBudgetBytes(readBoard(board)))).toEqual([]);
  });

  // A matrix, a second light, a card reader and a ring of several pages together take more room than a Pico's usual parts.
  it.each(BUILT_TEST_BOARDS.map(readBoard))("of the board $name of the tests does neither", async (board) => {
    const { code } = await currentFirmware(board.name);
    expect(faultsOf(code, bundleBudgetBytes(board) + 4096)).toEqual([]);
  });
});

describe("what runs beside the firmware", () => {
  it.each(sampleOf(boardNames(), 2))("on %s holds nothing that the interpreter lacks or reads otherwise", async (board) => {
    expect(faultsOf((await currentFirmware(board, "lock")).code, 512)).toEqual([]);
    expect(faultsOf((await currentFirmware(board, "hardware-test")).code, 8192)).toEqual([]);
  });
});

/** The rules that a snippet breaks. */
function rulesBrokenBy(code: string, budgetBytes = 10_000): Rule[] {
  return faultsOf(code, budgetBytes).map((fault) => fault.rule);
}

describe("the bundle gate", () => {
  const faults: [string, Rule, string][] = [
    ["a default parameter", "newer syntax", "!function(){function f(a=1){return a}f()}()"],
    ["a class", "newer syntax", "var a=class{}"],
    ["a template", "newer syntax", "var a=`b`"],
    ["a shorthand property", "newer syntax", "var a=1,b={a}"],
    ["a spread", "newer syntax", "var a=[...[1]]"],
    ["a destructured parameter", "newer syntax", "var f=({a})=>a"],
    ["for of", "newer syntax", "for(var a of[1]);"],
    ["an arrow function that needs what is below it", "used before declared", "!function(){(()=>f())();function f(){}}()"],
    ["let", "newer syntax", "let a=1"],
    ["optional chaining", "newer syntax", "var a={};a?.b"],
    ["a character that is not ASCII", "not ASCII", "var a='é'"],
    ["a control character", "not ASCII", "var a='\x07'"],
    ["an escape beyond latin-1", "text beyond latin-1", String.raw`var a="\u4f60"`],
    ["Map", "missing global", "new Map"],
    ["Set", "missing global", "new Set([1])"],
    ["Symbol", "missing global", "var a=Symbol.iterator"],
    ["RangeError", "missing global", "throw new RangeError('x')"],
    ["a global of a browser", "missing global", "window.alert(1)"],
    ["Math.trunc", "missing member", "Math.trunc(1.5)"],
    ["Math.imul, named by a string", "missing member", "Math['imul'](1,2)"],
    ["Number.isInteger", "missing member", "Number.isInteger(1)"],
    ["Object.freeze", "missing member", "Object.freeze({})"],
    ["Array.from", "missing member", "Array.from([1])"],
    ["Uint8Array.from", "missing member", "Uint8Array.from([1])"],
    ["flat", "missing method", "var a=[[1]].flat()"],
    ["at", "missing method", "var a=[1];a.at(-1)"],
    ["__extends", "helper of TypeScript", "function A(){}__extends(A,Object)"],
    ["__spreadArray", "helper of TypeScript", "var a=__spreadArray([],[1],!1)"],
    ["__assign", "helper of TypeScript", "var a=__assign({},{})"],
    ["__generator", "helper of TypeScript", "var a=__generator(this,function(){})"],
    ["a length set", "length assigned", "var a=[1];a.length=0"],
    ["a length counted down", "length assigned", "var a=[1];a.length--"],
    ["Number called", "Number called", "var a=Number('00010')"],
    ["Number handed on", "Number called", "var a=['1'].map(Number)"],
    ["a count in a regular expression", "regular expression", "var a=/^a{2}$/"],
    ["a count in a pattern given as a string", "regular expression", "var a=new RegExp('a{2,}')"],
    ["a group without a number", "regular expression", "var a=/(?:ab)+/"],
    ["a lazy quantifier", "regular expression", "var a=/a+?/"],
    ["a back reference", "regular expression", String.raw`var a=/(a)\1/`],
    ["a line end behind alternatives", "regular expression", "var a=/^(a|b)$/"],
    ["a letter behind alternatives", "regular expression", "var a=/(ab|[cd])e/"],
    ["too many alternatives", "regular expression", "var a=/^(a|b|c|d|e|f|g|h|i)/"],
    ["a bracket in a set", "regular expression", "var a=/[{[]/"],
    ["a value below its return", "return before a line end", "function f(){return\n5}f()"],
    ["a bare return that ends a loop without braces", "return at the end of a loop", "function f(){while(1)if(1)return}f()"],
    ["a statement that begins with a string, behind a block", "string after a block", "function f(a){if(a){a()}'x'===a&&a()}f()"],
    ["a label", "label", "a:for(;;)break a"],
    ["with", "with", "with({}){}"],
    ["a case below default", "case after default", "switch(1){default:break;case 1:}"],
    ["too many bytes", "over budget", `isNaN("${"x".repeat(900)}");\n`.repeat(12)],
    ["a line that fills the memory with an error", "long line", `isNaN("${"x".repeat(1000)}")`],
    ["a call above the function", "used before declared", "!function(){f();function f(){}}()"],
    ["a call above the function, at the top", "used before declared", "f();function f(){}"],
    ["a function handed on above itself", "used before declared", "!function(){setTimeout(f,1);function f(){}}()"],
    ["a function below a return that needs it", "used before declared", "!function(){return f();function f(){}}()"],
    ["a function below the return of one that needs it", "used before declared", "!function(){return{m:function(){f()}};function f(){}}()"],
    ["a function below a return in a branch", "used before declared", "!function(a){if(a)return{m:function(){f()}};function f(){}}(1)"],
    ["a call above the function through another", "used before declared", "!function(){function g(){f()}g();function f(){}}()"],
    ["a call above the function inside a function called at once", "used before declared", "!function(){!function(){f()}();function f(){}}()"],
    ["a variable read above its var", "used before declared", "!function(){var a=b;var b=1}()"],
    ["a variable set above its var", "used before declared", "!function(){b=1;var b=2}()"],
    ["a variable whose var is in the other branch", "used before declared", "!function(a){if(a)var b=1;else b=2}(1)"],
    ["a variable whose var is in another case", "used before declared", "!function(a){switch(a){case 1:var b=1;break;case 2:b=2}}(1)"],
    ["a variable whose var is in a loop that may not run", "used before declared", "!function(a){while(a())var b=1;b=2}(isNaN)"],
    ["a variable whose var an exception may pass over", "used before declared", "!function(a){try{a();var b=1}catch(e){}b=2}(isNaN)"],
    [
      "a compound assignment of a variable that the called function changes",
      "left side changed by the right",
      "function f(){a=2;return 1}var a=1;a-=f()",
    ],
    ["a compound assignment in itself", "left side changed by the right", "var a=1;a+=(a=2)"],
    ["a compound assignment that counts in itself", "left side changed by the right", "var a=1;a+=a++"],
    [
      "a compound assignment of a property that a called function changes",
      "left side changed by the right",
      "var o={b:1,m:function(){g()}};function g(){o.b=2}o.b+=o.m()",
    ],
    [
      "a compound assignment of an element, with a call that changes something",
      "left side changed by the right",
      "var a=[1],i=0;function f(){i=1}a[i]+=f()",
    ],
  ];

  it.each(faults)("finds %s", (_, rule, code) => {
    expect(rulesBrokenBy(code)).toEqual([rule]);
  });

  const sound: [string, string][] = [
    ["functions that call each other later", "!function(){function a(){b()}function b(){a()}setTimeout(a,1)}()"],
    ["a function that a callback calls later", "!function(){setTimeout(function(){f()},1);function f(){}}()"],
    ["a call below the function, in a branch", "!function(){function f(){}if(1)f()}()"],
    ["a local that has the name of a later function", "!function(){function g(f){f()}g(isNaN);function f(){}f()}()"],
    ["a variable of a loop, used after it", "!function(){for(var i=0;i<3;i++);return i}()"],
    ["a variable and its use in the same branch", "!function(a){if(a){var b=1;isNaN(b)}}(1)"],
    ["a var again in each case", "!function(a){switch(a){case 1:var b=1;isNaN(b);break;case 2:var b=2;isNaN(b)}}(1)"],
    ["the name of a caught error", "!function(){try{isNaN()}catch(e){throw e}}()"],
    ["members and keys with any name", "!function(o){o.Map={Set:o.flat}}({})"],
    ["Number as an object", "var a=Number.MAX_VALUE"],
    ["what espruino.d.ts declares", "E.kickWatchdog(),require('Flash').erasePage(0)"],
    ["a return with nothing to return", "function f(){if(1){return\n}}f()"],
    ["a bare return in braces in a loop", "function f(){while(1){if(1){return}}}f()"],
    ["a bare return in a loop, with its semicolon", "function f(){while(1)if(1)return;f()}f()"],
    ["a statement that begins with a string, behind a semicolon", "function f(a){if(a){a()};'x'===a&&a()}f()"],
    ["braces and question marks that count nothing", String.raw`var a=/\{2\}[{2}?]\(\?x??/.source.length`.replace("x??", "x?")],
    ["bytes above ASCII, escaped", String.raw`var a="\xff"`],
    ["a compound assignment of a variable that a called function has too", "function f(){var a=2;return a}var a=1;a-=f()"],
    ["a compound assignment with a call that changes another", "function f(){b=2;return 1}var a=1,b;a-=f()"],
  ];

  it.each(sound)("lets %s pass", (_, code) => {
    expect(faultsOf(code, 10_000)).toEqual([]);
  });
});

const interpreter = process.env.ESPRUINO;

describe.skipIf(!interpreter)("what the gate knows, on the interpreter named by ESPRUINO", () => {
  /** Evaluates expressions there. @returns those that are not true */
  function untrue(expressions: readonly string[]): string[] {
    const folder = mkdtempSync(path.join(tmpdir(), "gate-"));
    try {
      const check = "function T(s){try{if(!eval(s))print('NOT',s)}catch(e){print('NOT',s,e)}}";
      const script = [check, ...expressions.map((each) => `T(${JSON.stringify(each)});`), "print('DONE');quit();\n"].join("\n");
      writeFileSync(path.join(folder, "check.js"), script);
      const command = ["-s", "KILL", "30", path.resolve(interpreter as string), "check.js"];
      const printed = execFileSync("timeout", command, { cwd: folder, input: "", encoding: "latin1" });
      expect(printed).toMatch(/^DONE/m);
      return [...printed.matchAll(/^NOT (.*?)\r?$/gm)].map((match) => match[1] as string);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it("has every global and member that it may use", () => {
    const globals = LANGUAGE_GLOBALS.filter((name) => name !== "undefined").map((name) => `typeof ${name}!="undefined"`);
    const members = Object.entries(STATIC_MEMBERS).flatMap(([owner, names]) => names.map((name) => `${owner}.${name}!==undefined`));
    const common = FUNCTION_MEMBERS.filter((name) => name !== "name").map((name) => `(function(a){}).${name}!==undefined`);
    expect(untrue([...globals, ...members, ...common])).toEqual([]);
  });

  it("lacks every method that it may not call", () => {
    const values = ["[1]", "'a'", "(1.5)", "(new Uint8Array(1))", "(new Date(0))", "({})", "/a/"];
    expect(untrue(MISSING_METHODS.flatMap((name) => values.map((value) => `${value}.${name}===undefined`)))).toEqual([]);
  });

  it("does not hoist functions and variables", () => {
    const calls = "(function(){try{f();return 0}catch(e){return 1}function f(){}})()";
    const leaks = "(function(){if(0){var leaked=1}else{leaked=2}return global.leaked===2})()";
    expect(untrue([calls, leaks])).toEqual([]);
  });

  it("cannot read a bare return that ends a loop, and loses a string behind a block that it skips", () => {
    const bare = `(function(){try{eval("(function(){while(1)if(1)return})()");return 0}catch(e){return 1}})()`;
    const lost = `(function(a,b){if(a){b=1}'x'==='x'&&(b=2);return b!=2})(0)`;
    expect(untrue([bare, lost])).toEqual([]);
  });

  it("keeps as many blanks with an error as its place has columns", () => {
    const stack = (end: string): string =>
      `(function(){var s="";while(s.length<3000)s+=" ";try{eval(s+${JSON.stringify(end)}+"throw new Error()")}catch(e){return e.stack.length}})()`;
    expect(untrue([`${stack("")}>3000`, `${stack("\n")}<800`])).toEqual([]);
  });

  it("reads the left side of a compound assignment after the right side", () => {
    expect(untrue(["(function(){var a=10;function f(){a=2;return 1}a-=f();return a===1})()"])).toEqual([]);
  });

  it("keeps for ever a string that many alternatives were tried on", () => {
    const kept = (alternatives: string): string =>
      `(function(){function f(){return /${alternatives}/.test(JSON.parse('["zzz"]')[0])}f();var b=process.memory().usage;for(var i=0;i<40;i++)f();return process.memory().usage-b})()`;
    expect(untrue([`${kept("a|b|c|d|e|f|g|h|i|j|k|l|m")}>=40`, `${kept("a|b|c|d|e|f|g|h")}<9`])).toEqual([]);
  });

  it("reads these regular expressions otherwise", () => {
    expect(untrue([`!/^a{2}$/.test("aa")`, `!/(?:ab)c/.test("abc")`, `!/a(?=b)/.test("ab")`])).toEqual([]);
    expect(untrue([`/^(count|n)$/.test("counter")`, `!/^count$|^n$/.test("counter")`, `!/a(b|c)/.test("ad")`])).toEqual([]);
    expect(untrue([`(function(){try{return !/[{[]/.test("[")}catch(e){return 1}})()`, `/[{\\x5b]/.test("[")`])).toEqual([]);
  });
});
