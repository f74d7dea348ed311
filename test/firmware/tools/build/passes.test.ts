// The passes of the build on small programs: each result does what its source does, with fewer closures and objects.

import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { guardStringStatements } from "../../../../firmware/tools/build/passes/guard-string-statements.js";
import { hoistDeclarations } from "../../../../firmware/tools/build/passes/hoist-declarations.js";
import { MappedText } from "../../../../firmware/tools/build/passes/mapped-text.js";
import { optimizeProgram } from "../../../../firmware/tools/build/passes/optimize-program.js";
import { orderDeclarations } from "../../../../firmware/tools/build/passes/order-declarations.js";
import { Program } from "../../../../firmware/tools/build/passes/program.js";
import { ProgramError } from "../../../../firmware/tools/build/passes/unique-names.js";

/** Runs a program. @returns what it has told */
function told(code: string): string[] {
  const lines: string[] = [];
  vm.runInNewContext(code, {
    tell: (...words: unknown[]) => lines.push(JSON.stringify(words)),
    pin: (name: string) => `pin ${name}`,
    ArrayBufferView: 0,
  });
  return lines;
}

/** The optimized program, on one line. It tells what its source tells, and that is something. */
function optimized(code: string): string {
  const { text } = optimizeProgram(code);
  expect(told(text)).toEqual(told(code));
  expect(told(text).length).toBeGreaterThan(0);
  return text.replace(/\s+/g, " ").trim();
}

/** @param recorded uses of names in a recorded day */
function ordered(code: string, recorded: Record<string, number> = {}): string {
  return orderDeclarations(MappedText.of(code), (name) => recorded[name] ?? 0).text;
}

function hoisted(code: string): string {
  return hoistDeclarations(MappedText.of(code)).text;
}

describe("an optimized program", () => {
  it("has the parts of a factory that is called once at its top level", () => {
    const taken = optimized(`
      function createCounter(first) {
        var count = first;
        function next() { return count++; }
        return { next: next, skip: function (by) { count += by; } };
      }
      var counter = createCounter(5);
      counter.skip(2);
      tell(counter.next(), counter.next());`);
    expect(taken).not.toContain("createCounter");
    expect(taken).not.toContain("counter =");
    expect(taken).toMatch(/function counter_skip\(by\)|count \+= /);
  });

  it("calls factories in the order in which they were called", () => {
    optimized(`
      function createA() { tell("a"); function f() { return 1; } return { f: f }; }
      function createB(a) { tell("b", a.f()); function g() { return 2; } return { g: g }; }
      function make(x) { tell("make", x); return x; }
      function start(all) { tell("start"); function run() { tell(all.b.g(), all.x); } run(); }
      var a = createA();
      start({ x: make(3), b: createB(a), y: make(4) });`);
  });

  it("leaves a factory alone that is called twice, or returns early", () => {
    const twice = optimized("function create(n) { return { n: function () { return n; } }; } var a = create(1), b = create(2); tell(a.n(), b.n());");
    expect(twice).toContain("function create");
    const early = optimized(
      "function create(n) { if (!n) return undefined; return { n: function () { return n; } }; } var a = create(1); tell(a.n());",
    );
    expect(early).toContain("function create");
  });

  it("has no function that nobody calls, and no variable for a constant that only such a function would set", () => {
    const taken = optimized(`
      function createShelf(first) {
        var added = "";
        function take(n) { return added ? added : first + n; }
        return { take: take, add: function (text) { added = text; } };
      }
      var shelf = createShelf("a");
      tell(shelf.take(3));`);
    expect(taken).not.toContain("added");
    expect(taken).not.toContain("add");
    const used = optimized(
      'function create() { var added = ""; return { take: function () { return added || "none"; }, add: function (text) { added = text; } }; } var a = create(); a.add("x"); tell(a.take());',
    );
    expect(used).toContain("added");
  });

  it("keeps an object that is handed on, indexed, or gets and loses properties", () => {
    for (const use of ["tell(o)", "tell(o[k])", "o.b = 2; tell(o.b)", "delete o.a; tell(o.a)"]) {
      expect(optimized(`var k = "a" + ""; var o = { a: 1, f: function () { return k; } }; ${use};`), use).toContain("var o = {");
    }
  });

  it("has a variable for each property of an object that is only looked into, also where it changes", () => {
    const taken = optimized(`
      function createState(limit) { return { limit: limit, n: 0, list: [] }; }
      function add(state, by) { state.n += by; state.list.push(by); if (state.n > state.limit) state.n = 0; }
      var state = createState(9);
      add(state, 3); add(state, 4); tell(state.n, state.list); add(state, 5); state.n++; tell(state.n, state.list.length);`);
    expect(taken).not.toMatch(/state\.|createState/);
    expect(taken).toContain("var state_n = 0;");
  });

  it("keeps names apart that are the same in different places", () => {
    optimized(`
      var name = "outer";
      function a(name) { function f(x) { return name + x; } return { f: f }; }
      function b(x) { var name = x + "!"; function f() { return name; } return { f: f }; }
      var first = a("A"), second = b("B");
      try { throw "caught"; } catch (name) { tell(name); }
      tell(name, first.f(name), second.f(), (function name(i) { return i ? name(i - 1) : "end"; })(3));`);
  });

  it("has no parameter that is the same in every call", () => {
    const taken = optimized(`
      var state = { n: 0, other: tell };
      function add(state, by) { state.n += by; return state; }
      function twice(state, by) { add(state, by); return add(state, by * 2); }
      tell(twice(state, 3).n, twice(state, 4).n);`);
    expect(taken).toMatch(/function add\(\s*by(\$\d)?\)/);
    const differs = optimized("var a = [1], b = [2]; function first(list) { tell(1); return list[0]; } tell(first(a), first(b));");
    expect(differs).toContain("first(list)");
    const handedOn = optimized("var a = [1]; function show(list) { tell(list); } show(a); [a].forEach(show);");
    expect(handedOn).toContain("show(list)");
  });

  it("has numbers where they are used", () => {
    expect(optimized("var A = 3; var B = A * 20; var C = -1; tell(B - C, 1 - C);")).toBe("tell(60 - -1, 1 - -1);");
    expect(optimized("var n = 1; n++; tell(n);")).toContain("var n = 1");
  });

  it("puts what only a cold function needs into it, and leaves out what others need", () => {
    const taken = optimized(`
      function helper(x) { tell("helper", x); return x + x; }
      function deep(x) { tell("deep"); return helper(x) + shared(x); }
      function shared(x) { tell("shared"); return x * x; }
      /** @cold */
      function rare(x) { tell("rare"); return deep(x) + helper(x); }
      function often(x) { tell("often"); return x > 1 ? rare(x) : shared(x); }
      tell(often(1), often(2), [3].map(often));`);
    expect(taken).toMatch(/function rare\(x\$?\d*\) \{ (\/\*.*?\*\/ )?function helper.*function deep.*tell\("rare"\)/);
    expect(taken.indexOf("function shared")).not.toBe(-1);
    expect(taken.indexOf("function helper")).toBeGreaterThan(taken.indexOf("function rare"));
  });

  it("leaves a function at the top level that outlives the cold one", () => {
    const taken = optimized(`
      var later;
      function heard() { tell("heard"); return later; }
      /** @cold */
      function listen() { tell("listen"); later = heard; return later; }
      listen(); listen(); later();`);
    expect(taken).not.toMatch(/function listen\(\) \{ function heard/);
  });

  it("cannot be one that tells where a function stands", () => {
    for (const code of ["function f() { return this; }", "function f() { return arguments; }", "eval('1')"]) {
      expect(() => optimizeProgram(code), code).toThrow(ProgramError);
    }
  });
});

describe("declarations without a value", () => {
  it("come first in their function", () => {
    expect(hoisted("function f(){return a=1,a;var a}")).toBe("function f(){var a;return a=1,a;}");
    expect(hoisted("x=(()=>{g();var a,b;var c=1;return a=b=c})")).toBe("x=(()=>{var a,b;g();var c=1;return a=b=c})");
    expect(hoisted("function f(){var a;a=1}for(var i;;){var j}")).toBe("function f(){var a;a=1}for(var i;;){var j}");
  });
});

describe("what is used most", () => {
  const BUILT_IN = "String;Object;Array;ArrayBufferView;";

  it("is declared first, functions as variables that hold arrow functions", () => {
    const result = ordered("function rare(n){tell(n)}function often(){tell(0)}rare(1);often();often()");
    expect(result).toBe(`var often=()=>{tell(0)},rare=n=>{tell(n)};${BUILT_IN}rare(1);often();often()`);
    expect(told(result)).toEqual(["[1]", "[0]", "[0]"]);
  });

  it("is what a recorded day has used most, before what only the program tells", () => {
    const result = ordered("function rare(n){tell(n)}function often(){tell(0)}rare(1);often();often()", { rare: 0.5 });
    expect(result).toBe(`var rare=n=>{tell(n)},often=()=>{tell(0)};${BUILT_IN}rare(1);often();often()`);
  });

  it("is what functions that are used much use: a name of their own does not count", () => {
    const code = "var a=1,b=2;function f(a){tell(a,b)}f(a);f(3);f(4)";
    const result = ordered(code);
    expect(result).toBe(`var b=2,f=a=>{tell(a,b)},a=1;${BUILT_IN}f(a);f(3);f(4)`);
    expect(told(result)).toEqual(told(code));
  });

  it("gets a value that is not constant where it got it before", () => {
    const code = "var a=next(),b=next(),c;function next(){return tell(c),c=(c||0)+1}tell(a,b,b,b)";
    const result = ordered(code);
    expect(result).toBe(`var c,b,a,next=()=>{return tell(c),c=(c||0)+1};${BUILT_IN}a=next(),b=next();tell(a,b,b,b)`);
    expect(told(result)).toEqual(told(code));
  });

  it("has its first constant where it is declared, if nothing that ran before could know of it", () => {
    const code = "var a,b,c;function f(b){return tell(c,b)}function g(){return tell(a)}f(1),a=1,b=2,c=3;g(),b=[4],tell(a,b,c)";
    const result = ordered(code);
    expect(result).toBe(`var a=1,b=2,c,f=b=>{return tell(c,b)},g=()=>{return tell(a)};${BUILT_IN}f(1),c=3;g(),b=[4],tell(a,b,c)`);
    expect(told(result)).toEqual(told(code));
  });

  it("stands before what is built in, which is there when it has been mentioned", () => {
    expect(ordered("var a=Math.abs(E.x)")).toBe(`var a;E;Math;${BUILT_IN}a=Math.abs(E.x);`);
  });

  it("ends with circles of functions and does with declarations in loops and catches as the program does", () => {
    const code = "function f(n){return n?g(n-1):0}function g(n){return n?f(n-1):1}try{tell(f(3));no()}catch(e){tell(1)}for(var k in{x:1}){tell(k)}";
    expect(told(ordered(code))).toEqual(told(code));
  });
});

describe("a function of the interpreter", () => {
  it("gets a variable of its own where it is called more than once, and only called", () => {
    const taken = optimized("pin('A'); pin('B'); tell(1);");
    expect(taken).toBe("var native_pin = pin; native_pin('A'); native_pin('B'); tell(1);");
  });

  it("keeps its name where its value is taken, where it is made with new, or where it names a module", () => {
    const code = "tell(typeof pin('A'), pin('B'), typeof pin); tell(1);";
    expect(optimizeProgram("new pin(); new pin();").text).toBe("new pin(); new pin();");
    expect(optimizeProgram("require('Flash'); require('Storage');").text).not.toContain("native_");
    expect(optimized(code)).not.toContain("native_pin");
  });
});

describe("a statement that begins with a string", () => {
  it("gets a semicolon in front of it", () => {
    const code = 'if(a){b()}"x"===c&&d();e("y")';
    expect(guardStringStatements(MappedText.of(code)).text).toBe('if(a){b()};"x"===c&&d();e("y")');
  });
});

describe("a program that is edited", () => {
  /** What a program knows of its names: all that passes ask. */
  function known(program: Program): unknown {
    const places = [...program.names.values()].map(({ name, uses, sets, isDeclared, statement }) => {
      const used = uses.map(({ node, path }) => [node.start, node.end, ...path.map(({ type, start, end }) => `${type} ${start} ${end}`)]);
      return [name, used, sets, isDeclared, statement?.start, statement?.end];
    });
    return [program.source.text, program.body.map(({ type, start, end }) => `${type} ${start} ${end}`), places];
  }

  const code = "function f(a) { return a + b; }\nvar b = 1;\nvar c = f;\nif (c) { tell(b); }\n(function () { tell(c(b)); })();\n";
  const edits: readonly (readonly [string, string, string])[] = [
    ["nowhere", "", ""],
    ["in front of all", "function", "var d = 1, e = d;\nfunction"],
    ["behind all", "})();\n", "})();\ntell(b);\n"],
    ["within a statement", "a + b", "b + a + b"],
    ["by a statement that is gone", "var b = 1;\n", ""],
    ["at the end of a statement", "= 1;", "= 100;"],
    ["so that a statement reaches into the next", "{ tell(b); }", "c = f"],
    ["so that a call becomes part of a declaration", "= f;\nif (c) { tell(b); }", "= f"],
  ];

  it.each(edits)("%s knows the same as one that is read anew", (_, part, text) => {
    const start = code.indexOf(part);
    const edited = Program.of(MappedText.of(code)).edited([{ start, end: start + part.length, text }]);
    expect(edited.source.text).toBe(code.replace(part, () => text));
    expect(known(edited)).toEqual(known(Program.of(edited.source)));
    // And again, at another place.
    const at = edited.source.text.indexOf("tell(");
    const again = edited.edited([{ start: at, end: at + 5, text: "other.tell(" }]);
    expect(known(again)).toEqual(known(Program.of(again.source)));
  });
});
