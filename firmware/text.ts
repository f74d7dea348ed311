// Searches in strings, without a fault of the interpreter.

/**
 * The index of `part` in `text`, or -1.
 * Espruino's own indexOf (2v29, jswrap_string.c) also finds a part of which only the beginning stands at the end of the text: `" a ".indexOf(" b ")` is 2 there.
 */
export function placeOf(text: string, part: string): number {
  const at = text.indexOf(part);
  return at + part.length > text.length ? -1 : at;
}
