// Everything that the commands print goes through here. A terminal, a file or a broker may send characters that steer a screen, or turn the order of what is read:
// none of them reaches the screen, a log or a table as it came.

/** Control characters, such as the beginning of an escape sequence; invisible ones, which turn the direction among others; halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same, but for the end of a line and the tab. */
const UNSEEN_IN_LINES = /(?!\r\n|[\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A character as JSON and JavaScript write it: within a JSON text it means the same as before. */
function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
}

/** A text for one line or one cell, with every unseen character written out: `\u001b`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** Lines of text, with every unseen character written out. */
export function visibleLines(text: string): string {
  return text.replace(UNSEEN_IN_LINES, escaped);
}

/** Prints lines, or a JSON text. @param end the end of the last line */
export function print(text: string, end = "\n"): void {
  process.stdout.write(visibleLines(text) + end);
}

/** Prints lines, and waits while whoever reads them is slow. */
export async function printSlowly(text: string): Promise<void> {
  if (!process.stdout.write(visibleLines(text))) await new Promise((resolve) => process.stdout.once("drain", resolve));
}

/** Prints lines on the stream for errors. */
export function complain(text: string): void {
  process.stderr.write(`${visibleLines(text)}\n`);
}
