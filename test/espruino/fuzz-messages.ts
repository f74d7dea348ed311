// Messages of a hostile host, with structure: around what the line reader, the decoder, the interpreter's JSON.parse and the checks of fields look at. The same seed
// gives the same messages.

/** Keys that an object has already, or that the interpreter treats in its own way. */
const KEYS: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "length",
  "toString",
  "valueOf",
  "toJSON",
  "hasOwnProperty",
  "__defineGetter__",
  "caller",
  "arguments",
  "this",
  "id",
  "do",
  "mac",
  "signed",
  "seq",
  "start",
  "n",
  "at",
  "",
  "0",
  "-1",
  "4294967295",
  "a b",
  "__proto",
  "_proto__",
];
const COMMANDS: readonly string[] = [
  "invite",
  "cancel",
  "open",
  "finish",
  "refer",
  "waiting",
  "time",
  "pause",
  "resume",
  "signOut",
  "approve",
  "neighbour",
  "emergency",
  "duplicateBadge",
  "card",
  "void",
  "totals",
  "resend",
  "restart",
  "unlock",
  "selfTest",
  "replace",
  "piece",
  "commit",
  "acknowledge",
  "sing",
];
const FIELDS: readonly string[] = [
  "transaction",
  "count",
  "unix",
  "reason",
  "by",
  "counter",
  "state",
  "text64",
  "staff",
  "grade",
  "seq",
  "row",
  "what",
  "bytes",
  "sha256",
  "at",
  "data",
  "start",
  "n",
  "id",
];
const NUMBERS: readonly string[] = [
  "0",
  "-0",
  "1",
  "8",
  "288",
  "1e3",
  "1E-3",
  "0.5",
  "4.5",
  "-1",
  "9999",
  "10000",
  "65536",
  "2147483647",
  "2147483648",
  "-2147483648",
  "-2147483649",
  "4294967295",
  "4294967296",
  "1772411403",
  "9007199254740993",
  "1e308",
  "1e309",
  "-1e309",
  "1e-400",
  "00",
  "01",
  "0x10",
  "0b1",
  "0o7",
  "1.",
  ".5",
  "1e",
  "1e+",
  "--1",
  "+1",
  "1e999999999999999999999",
  "0.00000000000000000000000000000000000000000000000000001",
  "NaN",
  "Infinity",
  "-Infinity",
  "1n",
  "1_0",
];
const WORDS: readonly string[] = [
  '"T-2041"',
  '"1024"',
  '"9001"',
  '"phone"',
  '"open"',
  '"config"',
  '"roster"',
  '"pictures"',
  '"2026-03 1024"',
  '"constructor"',
  '"toString"',
  '"length"',
  '"hasOwnProperty"',
  '""',
  '" "',
  '"13912345678"',
  '"5b0=5b0=5b0="',
  '"6K+35LuO5a6J5YWo"',
  '"===="',
  '"A"',
  '"AAAAAAAAAAA="',
  '"/+8"',
  '"a\\"b"',
  '"\\""',
  '"\\\\"',
  '"\\n"',
  '"\\u005f"',
  '"\\ud800"',
  '"\\u0000"',
  '"\\x41"',
  '"\\u"',
  '"\\u12"',
  '"\\',
  "'a'",
  "`a`",
  '"unterminated',
  '"__proto__"',
  '"__pro\\u0074o__"',
  '"\\u005f_proto__"',
];
/** What JSON consists of, and what the interpreter's own reader also knows. */
const TOKENS: readonly string[] = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "true",
  "false",
  "null",
  "undefined",
  "tru",
  "nul",
  '"',
  '\\"',
  "\\",
  "'",
  "/",
  "//",
  "/*",
  "*/",
  "/a/",
  "-",
  "+",
  "e",
  ".",
  "(",
  ")",
  "=>",
  "function",
  "new",
  "var a",
  ";",
  "#",
  "`",
  "${",
  "...",
  "?.",
  "\t",
  "\r",
  " ",
  "\x00",
  "\x7f",
  "\x80",
  "\xff",
  "@",
  "\u00e2\u0080\u00a8",
];

const PARTS: readonly string[] = ["[", '{"a":', "[[", '{"":[', "[0,", "{", "(", '{"__proto__":', '{"constructor":', "-", "!"];
const ODD: readonly string[] = ["true", "false", "null", "undefined", "{}", "[]", "[null]", "[[]]", '{"toString":1}', '{"length":1}', "[,]"];
/** Around the longest message and the longest line. */
const LENGTHS: readonly number[] = [495, 496, 497, 498, 499, 500, 501, 502, 503, 504, 505, 509, 510, 511, 512, 513, 514, 520];
const FILLER = "0123456789abcdef".repeat(32);

/** A message for a whole terminal. */
export interface FuzzMessage {
  readonly text: string;
  /** Where it is a command to be signed: the text of its id. The terminal's side puts number and start in the place of `NUMBER` and `START`. */
  readonly signedId?: string;
  /** What is spoilt in the message behind its signature: thousandths of its length, characters that are taken out there, and a token in their place. */
  readonly spoilt?: readonly [atThousandths: number, taken: number, token: string];
}

/** Stand in the text of a message that is to be signed. */
export const NUMBER = "@n";
export const START = "@start";

export class FuzzMessages {
  constructor(private seed: number) {
    this.seed = seed | 0 || 1;
  }

  /** The next message for a whole terminal. */
  next(): FuzzMessage {
    const kind = this.below(16);
    if (kind < 3) return { text: this.fitted() };
    if (kind < 5) return { text: this.nested() };
    if (kind < 8) return { text: this.command(this.below(2) ? `,"id":${this.value(1)}` : "") };
    if (kind < 13) return this.signed();
    if (kind === 13) return { text: this.object(0) };
    if (kind === 14) {
      const text = [this.command(""), this.nested(), this.fitted()][this.below(3)] as string;
      return { text: `{"id":1,"signed":"${text.split('"').join('\\"')}","mac":"AAAA"}` };
    }
    return { text: this.value(0) };
  }

  /** A message like another one, for the decoder alone. */
  relative(text: string): string {
    return this.below(2) ? text.slice(0, this.below(text.length)) + this.pick(TOKENS) : this.spoilt(text);
  }

  /** xorshift32 (Marsaglia 2003). @returns 0 to `limit` - 1 */
  below(limit: number): number {
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    return (this.seed >>> 0) % limit;
  }

  private pick<Item>(from: readonly Item[]): Item {
    return from[this.below(from.length)] as Item;
  }

  private value(depth: number): string {
    const kind = this.below(12);
    if (kind < 3) return this.pick(NUMBERS);
    if (kind < 6) return this.pick(WORDS);
    if (kind === 6) return this.pick(ODD);
    if (kind === 7) return this.pick(["-", ""]) + this.pick(["9", "1", "0"]).repeat(1 + this.below(450)) + this.pick(["", ".5", "e9", "e-9"]);
    if (kind === 8) return `"${FILLER.slice(0, this.below(450))}"`;
    if (kind === 9) return this.pick(TOKENS);
    if (depth > 3) return "0";
    if (kind === 10) return this.object(depth + 1);
    return `[${this.value(depth + 1)},${this.value(depth + 1)}]`;
  }

  private object(depth: number): string {
    const fields = Array.from({ length: 1 + this.below(3) }, () => `"${this.pick(KEYS)}":${this.value(depth)}`);
    return `{${fields.join(",")}}`;
  }

  /** A command with some of its fields, right and wrong ones. @param extra behind them */
  private command(extra: string): string {
    let text = `{"do":${this.below(16) ? `"${this.pick(COMMANDS)}"` : this.value(0)}`;
    for (let i = this.below(5); i > 0; i--) text += `,"${this.below(8) ? this.pick(FIELDS) : this.pick(KEYS)}":${this.value(1)}`;
    return `${text}${extra}}`;
  }

  private signed(): FuzzMessage {
    const text = this.command(`,"n":${NUMBER},"start":${START}`).split('\\"').join("'");
    const signedId = this.below(4) ? `${this.below(999)}` : this.value(1);
    if (this.below(3)) return { text, signedId };
    return { text, signedId, spoilt: [this.below(1000), this.below(4), this.below(4) ? this.pick(TOKENS) : ""] };
  }

  /** The text with a token in place of a few characters. */
  private spoilt(text: string): string {
    const at = this.below(text.length);
    return text.slice(0, at) + (this.below(4) ? this.pick(TOKENS) : "") + text.slice(at + this.below(4));
  }

  /** A token in a message of a length around those of the buffers, or somewhere in between. */
  private fitted(): string {
    const token = this.below(2) ? this.pick(TOKENS) : this.value(2);
    const length = this.below(4) ? this.pick(LENGTHS) : this.below(500);
    const kind = this.below(5);
    if (kind === 0) return token.repeat(Math.ceil(length / token.length)).slice(0, length);
    const head = ["", '{"id":"', '{"', "{", '{"id":1,"do":"waiting","count":'][kind] as string;
    const tail = ["", `"${token}}`, `":${token}}`, `"a":${token}}`, `${token}}`][kind] as string;
    const room = Math.max(0, length - head.length - tail.length);
    return head + (kind < 3 ? FILLER.slice(0, room) : (kind === 3 ? " " : "9").repeat(room)) + tail;
  }

  private nested(): string {
    const part = this.pick(PARTS);
    const count = this.below(Math.floor(503 / part.length));
    const close = part === "[" ? "]" : part === '{"a":' || part === '{"constructor":' ? "}" : "";
    const depth = close ? Math.min(count, Math.floor(490 / (part.length + 1))) : count;
    return (this.below(3) ? "" : '{"do":') + part.repeat(depth) + (this.below(2) ? "0" : "") + (this.below(4) ? close.repeat(depth) : "");
  }
}
