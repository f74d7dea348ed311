// JSON in the form of the link: printable ASCII, and every other character as `\u` and four digits.

/** @returns the JSON text of a message */
export function asciiJson(message: object): string {
  return JSON.stringify(message).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
