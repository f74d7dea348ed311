// Asks whoever sits at this computer.

import { createInterface } from "node:readline/promises";
import { ToolError } from "../tool-error.js";

/**
 * @param state which state the device is in meanwhile, a sentence
 * @returns whether the answer is yes
 * @throws ToolError `nobodyAnswers` when there is no keyboard
 */
export async function confirm(question: string, state: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C goes to the handler that knows the state of the device.
  reader.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const nobody = new Promise<undefined>((resolve) => reader.once("close", () => resolve(undefined)));
  const answer = await Promise.race([reader.question(`  ? ${question} [Y/n] `), nobody]);
  reader.close();
  if (answer !== undefined) return !/^n/i.test(answer.trim());
  throw new ToolError("nobodyAnswers", `The tool asked "${question}", and nobody can answer here.`, state, "Run it where there is a keyboard.");
}
