// The end of a run: which tests were skipped and why, and one plain line of counts.

import { appendFileSync } from "node:fs";
import path from "node:path";
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";

/** Tells them when everything has run. */
export class CountReporter implements Reporter {
  /** @param errors outside of any test: each counts as a failure */
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const skipped = tests.filter((test) => test.result().state === "skipped");
    for (const [words, times] of reasonsOf(skipped)) console.log(`SKIPPED ${times} of ${words}`);
    // A file that cannot be loaded has no tests to fail.
    const broken = modules.filter((module) => module.state() === "failed" && module.errors().length > 0).length;
    const line = `${count("passed")} passed, ${count("failed") + broken + errors.length} failed, ${skipped.length} skipped`;
    console.log(line);
    // TEST_COUNTS names a file that collects the lines of several runs.
    if (process.env.TEST_COUNTS) appendFileSync(process.env.TEST_COUNTS, `${line}\n`);
  }
}

/** How many tests were skipped for each reason, or in each file where a test gives none. */
function reasonsOf(skipped: readonly TestCase[]): Map<string, number> {
  const reasons = new Map<string, number>();
  for (const test of skipped) {
    const result = test.result();
    const note = result.state === "skipped" && result.note ? `: ${result.note}` : "";
    const words = path.relative(process.cwd(), test.module.moduleId) + note;
    reasons.set(words, (reasons.get(words) ?? 0) + 1);
  }
  return reasons;
}
