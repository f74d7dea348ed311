// Files that the hall sends a terminal: announced, in pieces, committed, and again where the terminal has no time.

import { describe, expect, it } from "vitest";
import type { Answer } from "../../../firmware/hall/receiver/command-queue.js";
import { REPLACEABLE, replaceFile, replacementFor } from "../../../firmware/hall/replace.js";
import { hashOfCommand } from "../../../firmware/tools/link/signing.js";
import { parseSite } from "../../../firmware/tools/provision/site.js";
import { ToolError } from "../../../firmware/tools/tool-error.js";
import type { Command } from "../../../firmware/uplink/messages.js";
import { flashOver, NorFlash } from "../../../sim/chips/nor-flash.js";
import { SlottedTerminal } from "../../../sim/powercut/slots.js";

const SIZE = { width: 128, height: 64 };
const SITE = parseSite(
  `counters: [{ version: 7, device: sim-08, counter: "8" }, { version: 7, device: sim-09, counter: "9", timeoutMs: 20000 }]
people: [{ badge: "W26:777777", number: "3001", name: 冯骥才, post: 户籍登记 }]
phrases: { thanks: 感谢 }
`,
  "site",
);

/** A terminal with room for files, which answers as over the link. @param meddle may answer in its place */
function createTerminal(meddle: (command: Command) => string | undefined = () => undefined) {
  const chip = new NorFlash({ pageBytes: 8192, pageCount: 2, slotPages: 2, alignBytes: 4 }, () => undefined);
  let terminal = new SlottedTerminal(flashOver(chip));
  terminal.begin();
  const given: string[] = [];
  return {
    given,
    files: () => terminal.files(),
    restart() {
      terminal = new SlottedTerminal(flashOver(chip));
      terminal.begin();
    },
    async give(command: Command): Promise<Answer> {
      given.push(command.do);
      const answer = meddle(command) ?? terminal.say({ ...command });
      const of = hashOfCommand(JSON.stringify(command));
      return answer === "ok" ? { answer: 1, of, result: "ok" } : { answer: 1, of, error: answer };
    },
  };
}

describe("A file for a terminal", () => {
  it.each(REPLACEABLE)("%s arrives as it was made of the site file, and is in force after the restart", async (what) => {
    const terminal = createTerminal();
    const bytes = replacementFor("sim-09", what, SITE, SIZE);
    const progress: number[] = [];
    await replaceFile(terminal.give, { what, bytes, by: "9003" }, { onProgress: (done) => progress.push(done) });
    terminal.restart();
    expect(Buffer.from(terminal.files()[what], "latin1")).toEqual(Buffer.from(bytes));
    expect(progress.at(-1)).toBe(bytes.length);
    expect(terminal.given).toEqual(["replace", ...progress.map(() => "piece"), "commit"]);
  });

  it("waits for a terminal that is busy, or that restarts and so takes no old number", async () => {
    const answers = ["busy", "replayed", undefined, "busy"];
    const terminal = createTerminal((command) => (command.do === "piece" ? undefined : answers.shift()));
    const bytes = replacementFor("sim-08", "roster", SITE, SIZE);
    await replaceFile(terminal.give, { what: "roster", bytes, by: "9003" }, { busyMs: 1 });
    expect(terminal.given).toEqual(["replace", "replace", "replace", "piece", "commit", "commit"]);
    terminal.restart();
    expect(Buffer.from(terminal.files().roster, "latin1")).toEqual(Buffer.from(bytes));
  });

  it("that is refused says why, and what the terminal had stays in force", async () => {
    const terminal = createTerminal((command) => (command.do === "commit" ? "badContent" : undefined));
    const before = terminal.files();
    const bytes = replacementFor("sim-08", "config", SITE, SIZE);
    await expect(replaceFile(terminal.give, { what: "config", bytes, by: "9003" })).rejects.toThrow(/config: The content that was sent/);
    await expect(replaceFile(createTerminal(() => "noSlots").give, { what: "config", bytes, by: "9003" })).rejects.toThrow(/at the bench only/);
    terminal.restart();
    expect(terminal.files()).toEqual(before);
  });

  it("is of a counter of the site, and no pictures where there are digits", () => {
    expect(() => replacementFor("sim-10", "roster", SITE, SIZE)).toThrow("sim-10 is none of the site's terminals: they are sim-08, sim-09.");
    expect(() => replacementFor("sim-08", "pictures", SITE, null)).toThrow(ToolError);
  });
});
