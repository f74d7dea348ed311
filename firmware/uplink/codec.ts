// Messages are JSON objects. A line holds the JSON text, `*`, and the CRC-32 of the text as eight hexadecimal digits. Any other line is no message.

/** Makes the line for a message. @param crc32 as in `Hal` */
export function encodeLine(message: object, crc32: (data: string) => number): string {
  return lineOf(JSON.stringify(message), crc32);
}

/** Makes the line for the text of a message. @param crc32 as in `Hal` */
export function lineOf(text: string, crc32: (data: string) => number): string {
  const digits = crc32(text).toString(16);
  return text + "*" + "00000000".substr(digits.length) + digits;
}

/** The text of the message in a line, or undefined where its CRC is wrong. @param crc32 as in `Hal` */
export function textOf(line: string, crc32: (data: string) => number): string | undefined {
  const text = line.substr(0, line.length - 9);
  return text && lineOf(text, crc32) === text + line.substr(text.length).toLowerCase() ? text : undefined;
}

/**
 * The message in a text, or undefined where the text is no JSON object. It is empty where the text could harm the interpreter, whose `JSON.parse` must not read it:
 * - the key `__proto__`, however it is written: it becomes the object's prototype, and the interpreter crashes when that is no object. So `\"` is the only escape.
 * - a number with an exponent: the interpreter multiplies by ten as often as the exponent says, which takes a PC nine seconds for nine digits.
 * - outside strings, a comment or another quote, which the interpreter reads too, and which could hide an exponent.
 * - a string where none may stand: where it has 64 characters or more, the interpreter's words about it overwrite its memory.
 */
export function parseMessage(text: string): Record<string, unknown> | undefined {
  if (text.indexOf("__proto__") >= 0) return {};
  const parts = text.split('\\"').join("").split('"');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    // biome-ignore lint/complexity/noUselessEscapeInRegex: Espruino takes a "/" among brackets for the end of the expression
    if (i % 2 ? part.indexOf("\\") >= 0 : /[\/#-*`]|[0-9.][eE]/.test(part) || (i < parts.length - 1 && !/[{,:\x5b]\s*$/.test(part))) return {};
  }
  try {
    const message: unknown = JSON.parse(text);
    return message && typeof message === "object" && !Array.isArray(message) ? (message as Record<string, unknown>) : undefined;
  } catch (_) {
    return undefined;
  }
}

/** The message in a line, or undefined where its CRC is wrong or its text is no JSON object. */
export function decodeLine(line: string, crc32: (data: string) => number): Record<string, unknown> | undefined {
  return parseMessage(textOf(line, crc32) || "");
}
