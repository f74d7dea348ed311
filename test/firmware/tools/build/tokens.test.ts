// A program in tokens is the same program: for the uploader of Espruino's makers, which writes them too, for Node, and for the real interpreter.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { boardNames, currentFirmware } from "../../../../firmware/tools/build/build.js";
import { programBytes, scriptOf, tokenize } from "../../../../firmware/tools/build/tokens.js";

/** The tokens as the npm package `espruino` writes them, without its tokens for strings and numbers. */
function tokensOfUploader(code: string): Buffer {
  const require = createRequire(import.meta.url);
  const Espruino = {
    Plugins: {} as { Pretokenise: { tokenise(code: string): string } },
    Config: { PRETOKENISE: 1 },
    Core: { Env: { getBoardData: () => ({ VERSION: "2v06" }) } },
  };
  const plugin = readFileSync(require.resolve("espruino/plugins/pretokenise.js"), "utf8");
  vm.runInNewContext(plugin, { Espruino, acorn: require("acorn"), console });
  return Buffer.from(Espruino.Plugins.Pretokenise.tokenise(code), "latin1");
}

const CASES: readonly (readonly [string, string])[] = [
  ["words next to names and numbers", "var a=1;if(a in{b:1}){a=2}else a=typeof a;for(;;){break}"],
  ["operators that one more character would make others", "var a=1,b=2;a=a- -b;a=a+ +b;a=a-(-b);a=a+ ++b;b=a-- -b;b=a>>>1;a>>=1"],
  ["a regular expression behind a division", 'var a=4/ /2/.exec("2")[0]'],
  ["names of properties that are words", "var a={in:1,do:2,default:3,catch:4};a.do+=a.in;a.delete=a.default;a=a.catch"],
  ["words in strings, expressions and template strings", `var a='if',b="new\\x8a",c=/return/.test("=="),d=\`typeof \${a===\`void\`?1:2} !==\``],
  ["a line end, with nothing else between two statements", "var a=1\nvar b=2\na=b"],
  ["comments and space", "var a = 1; // if\n/* else */ var b = a  ==  1 ? null : undefined ;"],
  ["words of later years", "class A{static of(){return new A}}let f=async a=>{const b=a;throw b};for(let c of[1])f(c).catch(()=>{})"],
  ["nothing", ""],
];

describe("A program in tokens", () => {
  it.each(CASES)("has the same script: %s", (_, code) => {
    const script = scriptOf(programBytes(code));
    // The white space may be another; the tokens are not.
    expect(programBytes(script)).toEqual(programBytes(code));
    const results = [code, script].map((each) => vm.runInNewContext(`${each}\n;[typeof a,a,b]`, { a: undefined, b: undefined }));
    expect(JSON.stringify(results[1])).toBe(JSON.stringify(results[0]));
  });

  it("has a byte for each word and operator, and no space but where two words would become one", () => {
    expect(programBytes("if (a  ===  b ) {}; // c").toString("latin1")).toBe("\xa3(a\x8bb){};");
    expect(programBytes("a - - b; a.if; var if1").toString("latin1")).toBe("a- -b;a.if;\xacif1");
  });

  it("knows where each token came from", () => {
    const tokens = tokenize("if (a) {\n  throw b;\n}");
    expect([...tokens.text].map((_, i) => tokens.originAt(i))).toEqual([0, 3, 4, 5, 7, -1, 11, 17, 18, -1, 20]);
    expect(tokens.originAt(99)).toBe(-1);
  });

  it("refuses what is no script", () => {
    expect(() => programBytes("var")).toThrow(SyntaxError);
  });

  it.each(boardNames())("is the one that the uploader of Espruino makes, for %s", async (board) => {
    const { code, bytes } = await currentFirmware(board);
    const own = programBytes(code);
    expect(own.length).toBe(bytes);
    expect(bytes).toBeLessThan(code.length * 0.92);
    // The uploader writes the names of properties as tokens too.
    const words = (tokens: Buffer): string => scriptOf(tokens).replace(/\s+/g, "");
    expect(words(tokensOfUploader(code))).toBe(words(own));
  });
});
