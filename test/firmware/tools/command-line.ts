// The technician's command line in this process: it does what `npx counter-terminal` does, without the seconds that a process takes to start.

import { vi } from "vitest";
import { runTool } from "../../../firmware/tools/tool.js";

/** How a command ended. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command line to its end. Only one may run at a time, because its folder and its output are those of this process.
 * @param words the command, its options and its arguments
 * @param folder where it is run
 */
export async function commandLine(words: readonly string[], folder = process.cwd()): Promise<Ended> {
  const before = process.cwd();
  const written = { stdout: "", stderr: "" };
  const into = (name: keyof typeof written) => (text: unknown) => {
    written[name] += String(text);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(into("stdout")),
    vi.spyOn(process.stderr, "write").mockImplementation(into("stderr")),
  ];
  process.chdir(folder);
  process.exitCode = undefined;
  try {
    await runTool(words);
    return { status: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = undefined;
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
}
