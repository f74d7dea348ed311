// The output of a command while it works: sentences and a progress bar for people, a JSON object a line for scripts.

import { print } from "./output.js";

/** Length of the progress bar, in characters. */
const BAR = 30;

export interface Report {
  /** A step begins. */
  step(text: string): void;
  /** A remark that stops nothing. */
  note(text: string): void;
  /** The progress of the running step. It is shown only where a person watches. */
  progress(done: number, total: number): void;
  /** The outcome: its words for people, its fields for scripts. */
  result(text: string, fields: Readonly<Record<string, unknown>>): void;
}

/** @param isJson whether it writes one JSON object a line, and nothing else */
export function createReport(isJson: boolean, out: (text: string) => void = (text) => print(text, "")): Report {
  const isBarShown = !isJson && process.stderr.isTTY === true;
  let isBarOpen = false;
  const line = (text: string, fields: object): void => {
    if (isBarOpen) process.stderr.write("\r\x1b[K");
    isBarOpen = false;
    out(isJson ? `${JSON.stringify(fields)}\n` : `${text}\n`);
  };
  return {
    step: (text) => line(`- ${text}`, { step: text }),
    note: (text) => line(`  ! ${text}`, { note: text }),
    progress(done, total) {
      if (!isBarShown) return;
      const full = Math.round((BAR * done) / total);
      process.stderr.write(`\r  [${"#".repeat(full)}${" ".repeat(BAR - full)}] ${Math.round((100 * done) / total)} %`);
      isBarOpen = true;
    },
    result: (text, fields) => line(text, { result: fields }),
  };
}
