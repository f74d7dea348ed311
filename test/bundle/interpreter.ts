// What of JavaScript's own library the interpreter has, measured on Espruino 2v29.277 built for Linux with a Pico's limits. The bundle gate judges by
// it, and gate.test.ts measures again where a real interpreter is named.

import { readFileSync } from "node:fs";

/** Words that stand in for a list of strings. */
function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Globals of the language that exist. Missing are, for example, Map, Set, Symbol and RangeError. */
export const LANGUAGE_GLOBALS = words(`
  Array ArrayBuffer ArrayBufferView Boolean DataView Date Error Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array JSON Math NaN
  Number Object Promise ReferenceError RegExp String SyntaxError TypeError Uint16Array Uint32Array Uint8Array Uint8ClampedArray clearInterval clearTimeout
  decodeURIComponent encodeURIComponent eval globalThis isFinite isNaN parseFloat parseInt setInterval setTimeout undefined
`);

/** Members of those globals that exist. A global that is not named here has only those of every function. */
export const STATIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Array: words("isArray"),
  Date: words("now parse"),
  JSON: words("parse stringify"),
  Math: words(`
    E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan
  `),
  Number: words("MAX_VALUE MIN_VALUE NEGATIVE_INFINITY NaN POSITIVE_INFINITY"),
  Object: words(`
    assign create defineProperties defineProperty entries fromEntries getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames
    getPrototypeOf keys setPrototypeOf values
  `),
  Promise: words("all reject resolve"),
  String: words("fromCharCode"),
};

/** Members that every function has, so that a global's own list does not repeat them. */
export const FUNCTION_MEMBERS = words("apply bind call length name prototype toString");

/** Methods that Node's strings, arrays, typed arrays, numbers, dates and so on have, and nothing of the interpreter's own has under the same name. */
export const MISSING_METHODS = words(`
  at codePointAt copyWithin finally findLast findLastIndex flat flatMap getBigInt64 getBigUint64 isPrototypeOf isWellFormed localeCompare matchAll
  normalize propertyIsEnumerable reduceRight resize search setBigInt64 setBigUint64 setUTCDate setUTCFullYear setUTCHours setUTCMilliseconds
  setUTCMinutes setUTCMonth setUTCSeconds toDateString toExponential toLocaleDateString toLocaleLowerCase toLocaleString toLocaleTimeString
  toLocaleUpperCase toPrecision toReversed toSorted toSpliced toTimeString toWellFormed trimEnd trimLeft trimRight trimStart with
`);

/** Espruino's own globals that the firmware may use: what hal/espruino/espruino.d.ts declares. */
export function declaredGlobals(): readonly string[] {
  const text = readFileSync(new URL("../../hal/espruino/espruino.d.ts", import.meta.url), "utf8");
  return [...text.matchAll(/^declare (?:function|const|let|var) (\w+)/gm)].map((match) => match[1] as string);
}
