// One message, one line: JSON, `*`, and eight hexadecimal digits of the CRC-32 over the JSON text. A line that does not fit is not a message.

/** Makes the line for a message. @param crc32 as in `Hal` */
export function encodeLine(message: object, crc32: (data: string) => number): string {
  const text = JSON.stringify(message);
  return text + digitsOf(crc32(text));
}

/** `*` and eight digits. */
function digitsOf(crc: number): string {
  const digits = crc.toString(16);
  return "*" + "00000000".substr(digits.length) + digits;
}

/** Reads a line, or returns undefined where its CRC or its JSON is wrong, or it is no JSON object. */
export function decodeLine(line: string, crc32: (data: string) => number): Record<string, unknown> | undefined {
  const star = line.length - 9;
  if (star < 2) return undefined;
  const text = line.substr(0, star);
  if (line.substr(star).toLowerCase() !== digitsOf(crc32(text))) return undefined;
  try {
    const message: unknown = JSON.parse(text);
    return message && typeof message === "object" && !Array.isArray(message) ? (message as Record<string, unknown>) : undefined;
  } catch (_) {
    return undefined;
  }
}
