// The firmware taken as one program: what comes out does what went in, with fewer closures and objects.

import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { orderDeclarations } from "../../firmware/tools/build/declaration-order.js";
import { declareFirst, ProgramError, takeWhole } from "../../firmware/tools/build/whole-program.js";

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

/** The program taken whole, once it is sure that it does the same. */
function whole(code: string): string {
  const taken = takeWhole(code);
  expect(told(taken)).toEqual(told(code));
  expect(told(taken).length).toBeGreaterThan(0);
  return taken.replace(/\s+/g, " ").trim();
}

describe("a program taken whole", () => {
  it("has the parts of a factory that is called once at its top level", () => {
    const taken = whole(`
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
    whole(`
      function createA() { tell("a"); function f() { return 1; } return { f: f }; }
      function createB(a) { tell("b", a.f()); function g() { return 2; } return { g: g }; }
      function make(x) { tell("make", x); return x; }
      function start(all) { tell("start"); function run() { tell(all.b.g(), all.x); } run(); }
      var a = createA();
      start({ x: make(3), b: createB(a), y: make(4) });`);
  });

  it("leaves a factory alone that is called twice, or returns early", () => {
    const twice = whole("function create(n) { return { n: function () { return n; } }; } var a = create(1), b = create(2); tell(a.n(), b.n());");
    expect(twice).toContain("function create");
    const early = whole("function create(n) { if (!n) return undefined; return { n: function () { return n; } }; } var a = create(1); tell(a.n());");
    expect(early).toContain("function create");
  });

  it("leaves out what only a function sets that nobody calls, and what that decides", () => {
    const taken = whole(`
      function createShelf(first) {
        var added = "";
        function take(n) { return added && n > 9 ? added : first + n; }
        function note(n) { if (added) tell("added"); else tell("first", n); }
        return { take: take, note: note, add: function (text) { added = text; } };
      }
      var shelf = createShelf("a");
      tell(shelf.take(3), ("" && shelf.take(4)) || shelf.take(5));
      shelf.note(6);`);
    expect(taken).not.toContain("added");
    expect(taken).not.toContain("9");
    const used = whole(
      'function create() { var added = ""; return { take: function () { return added || "none"; }, add: function (text) { added = text; } }; } var a = create(); a.add("x"); tell(a.take());',
    );
    expect(used).toContain("added");
  });

  it("keeps an object that is handed on, indexed, or gets and loses properties", () => {
    for (const use of ["tell(o)", "tell(o[k])", "o.b = 2; tell(o.b)", "delete o.a; tell(o.a)"]) {
      expect(whole(`var k = "a" + ""; var o = { a: 1, f: function () { return k; } }; ${use};`), use).toContain("var o = {");
    }
  });

  it("has a variable for each property of an object that is only looked into, also where it changes", () => {
    const taken = whole(`
      function createState(limit) { return { limit: limit, n: 0, list: [] }; }
      function add(state, by) { state.n += by; state.list.push(by); if (state.n > state.limit) state.n = 0; }
      var state = createState(9);
      add(state, 3); add(state, 4); tell(state.n, state.list); add(state, 5); state.n++; tell(state.n, state.list.length);`);
    expect(taken).not.toMatch(/state\.|createState/);
    expect(taken).toContain("var state_n = 0;");
  });

  it("keeps names apart that are the same in different places", () => {
    whole(`
      var name = "outer";
      function a(name) { function f(x) { return name + x; } return { f: f }; }
      function b(x) { var name = x + "!"; function f() { return name; } return { f: f }; }
      var first = a("A"), second = b("B");
      try { throw "caught"; } catch (name) { tell(name); }
      tell(name, first.f(name), second.f(), (function name(i) { return i ? name(i - 1) : "end"; })(3));`);
  });

  it("has no parameter that is the same in every call", () => {
    const taken = whole(`
      var state = { n: 0, other: tell };
      function add(state, by) { state.n += by; return state; }
      function twice(state, by) { add(state, by); return add(state, by * 2); }
      tell(twice(state, 3).n, twice(state, 4).n);`);
    expect(taken).toMatch(/function add\(by(\$\d)?\)/);
    const differs = whole("var a = [1], b = [2]; function first(list) { tell(1); return list[0]; } tell(first(a), first(b));");
    expect(differs).toContain("first(list)");
    const handedOn = whole("var a = [1]; function show(list) { tell(list); } show(a); [a].forEach(show);");
    expect(handedOn).toContain("show(list)");
  });

  it("has numbers where they are used", () => {
    expect(whole("var A = 3; var B = A * 20; var C = -1; tell(B - C, 1 - C);")).toBe("tell(60 - -1, 1 - -1);");
    expect(whole("var n = 1; n++; tell(n);")).toContain("var n = 1");
  });

  it("says what a short function returns where it is called, and gives each parameter once and in order", () => {
    const short = whole(
      "var n = 1; n++; function now() { return n; } function show(a, b) { return tell(a, 7, b); } show(now(), show(2, now() * now()));",
    );
    expect(short).toContain("tell(n, 7, tell(2, 7, (n * n)));");
    expect(whole("function show(a, b) { return tell(b, a); } var n = 0; function next() { return n++; } show(next(), next());")).toContain(
      "show(a, b)",
    );
    expect(whole("function twice(a) { return tell(a, a); } var n = 0; function next() { n++; return n; } twice(next());")).toContain("twice(a)");
    expect(whole("var n = 1; function add(a) { return n + a; } function next() { n++; return n; } tell(add(next()));")).toContain("add(a)");
    expect(whole("var n = 1; n++; function half() { return Math.ceil(n); } tell(half(), half());")).toContain("tell(Math.ceil(n), Math.ceil(n))");
  });

  it("puts what only a cold function needs into it, and leaves out what others need", () => {
    const taken = whole(`
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
    const taken = whole(`
      var later;
      function heard() { tell("heard"); return later; }
      /** @cold */
      function listen() { tell("listen"); later = heard; return later; }
      listen(); listen(); later();`);
    expect(taken).not.toMatch(/function listen\(\) \{ function heard/);
  });

  it("cannot be one that tells where a function stands", () => {
    for (const code of ["function f() { return this; }", "function f() { return arguments; }", "eval('1')"]) {
      expect(() => takeWhole(code), code).toThrow(ProgramError);
    }
  });
});

describe("declarations without a value", () => {
  it("come first in their function", () => {
    expect(declareFirst("function f(){return a=1,a;var a}")).toBe("function f(){var a;return a=1,a;}");
    expect(declareFirst("x=(()=>{g();var a,b;var c=1;return a=b=c})")).toBe("x=(()=>{var a,b;g();var c=1;return a=b=c})");
    expect(declareFirst("function f(){var a;a=1}for(var i;;){var j}")).toBe("function f(){var a;a=1}for(var i;;){var j}");
  });
});

describe("what is used most", () => {
  const BUILT_IN = "String;Object;Array;ArrayBufferView;";

  it("is declared first, functions as variables that hold arrow functions", () => {
    const ordered = orderDeclarations("function rare(n){tell(n)}function often(){tell(0)}rare(1);for(var i=0;i<3;i++){often()}");
    expect(ordered).toBe(`var often=()=>{tell(0)},rare=n=>{tell(n)};${BUILT_IN}rare(1);for(var i=0;i<3;i++){often()}`);
    expect(told(ordered)).toEqual(["[1]", "[0]", "[0]", "[0]"]);
  });

  it("is what functions that are used much use: a name of their own does not count", () => {
    const code = "var a=1,b=2;function f(a){tell(a,b)}f(a);f(3);f(4)";
    const ordered = orderDeclarations(code);
    expect(ordered).toBe(`var b=2,f=a=>{tell(a,b)},a=1;${BUILT_IN}f(a);f(3);f(4)`);
    expect(told(ordered)).toEqual(told(code));
  });

  it("gets a value that is not constant where it got it before", () => {
    const code = "var a=next(),b=next(),c;function next(){return tell(c),c=(c||0)+1}tell(a,b,b,b)";
    const ordered = orderDeclarations(code);
    expect(ordered).toBe(`var c,b,a,next=()=>{return tell(c),c=(c||0)+1};${BUILT_IN}a=next(),b=next();tell(a,b,b,b)`);
    expect(told(ordered)).toEqual(told(code));
  });

  it("has its first constant where it is declared, if nothing that ran before could know of it", () => {
    const code = "var a,b,c;function f(b){return tell(c,b)}function g(){return tell(a)}f(1),a=1,b=2,c=3;g(),b=[4],tell(a,b,c)";
    const ordered = orderDeclarations(code);
    expect(ordered).toBe(`var a=1,b=2,c,f=b=>{return tell(c,b)},g=()=>{return tell(a)};${BUILT_IN}f(1),c=3;g(),b=[4],tell(a,b,c)`);
    expect(told(ordered)).toEqual(told(code));
  });

  it("stands before what is built in, which is there when it has been mentioned", () => {
    expect(orderDeclarations("var a=Math.abs(E.x)")).toBe(`var a;E;Math;${BUILT_IN}a=Math.abs(E.x);`);
  });

  it("ends with circles of functions and does with declarations in loops and catches as the program does", () => {
    const code = "function f(n){return n?g(n-1):0}function g(n){return n?f(n-1):1}try{tell(f(3));no()}catch(e){tell(1)}for(var k in{x:1}){tell(k)}";
    expect(told(orderDeclarations(code))).toEqual(told(code));
  });
});
