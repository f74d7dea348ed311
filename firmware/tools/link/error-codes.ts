// A terminal's error codes as sentences. The board has room for the code alone. PROTOCOL.md has the same table.

/** For each code the obstacle, and what to do. */
export const ERROR_SENTENCES: Readonly<Record<string, string>> = {
  approvalNeeded: "A matter or a rating is open, or citizens wait: send approve, or let a supervisor present a badge within 15 s.",
  badContent:
    "The content that was sent does not have the announced SHA-256, or its reader refuses it: check the file, and begin again with replace.",
  badMac: "The signature is not one of this terminal's key: use the key file that was made for this device.",
  busy: "A rating is open, or the citizen is being thanked, or presses a reason, or something more urgent is on the display: try again in a few seconds.",
  closed: "The counter to which the citizen is sent is not open: send the citizen to another one.",
  flash:
    "The terminal's flash does not take it, or other bytes are there already: begin again with replace; when that fails too, have the terminal looked at.",
  finished: "This transaction has had its outcome, or has been asked for twice: no other rating is taken for it.",
  gone: "This record is not in the terminal, or not any more.",
  ledger: "The terminal cannot write a record now: its flash is full of records that wait for an acknowledgement, or failed.",
  missingGlyph: "The terminal has no picture of a character in this text: use other words, or install a glyph file that has it.",
  noSlots: "This board keeps no second configuration: it takes a new one at the bench only.",
  notAsking: "Nobody is asked for a rating.",
  notBegun: "No replacement was begun: send replace first.",
  notOpen: "This matter is not open at the counter.",
  notPaused: "There is no pause.",
  notServing: "Nobody is on duty, or the counter is paused, or it is before opening.",
  nothingAsked: "Nothing waits for an approval.",
  otherStart: "The terminal has started anew since this was signed, or this is another terminal: wait for its hello, and sign again.",
  outOfOrder: "The configuration of this terminal does not hold: a technician has to install one.",
  paperCard: "The ledger or the keys are out of order: use the paper card.",
  paused: "The counter is paused already.",
  replayed:
    "The number of this signed command was used already: look at the records whether it was carried out before and its answer was lost. If not, send it again.",
  tooLong: "The file is longer than the terminal's slot for it, or the text takes more lines than its display has.",
  unknownCommand:
    "This firmware does not know that command, or its message is none that a terminal parses: it has an escape, an exponent or a string in a wrong place.",
  unsigned: "This command has to be signed with the device key.",
  voided: "This record is void already.",
};

/** The sentence for the error code in an answer. */
export function sentenceOf(code: string): string {
  const field = /^bad (\w+)$/.exec(code)?.[1];
  if (field) return `The field ${field} is missing, or not what it has to be.`;
  if (code.includes(": ")) return `The file that was sent does not hold: ${code}. What it had before stays in force.`;
  return ERROR_SENTENCES[code] ?? `The terminal says ${code}, which this receiver does not know.`;
}
