// How the tests run: `npm test` runs every test, with a sample of what is random or exhaustive; `npm run test:all`, which is the mode `deep`, runs those tests
// again and tries all of it.

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { CountReporter } from "./count-reporter.js";
import { DEEP_FILES } from "./depth.js";
import { LongestFirst } from "./longest-first.js";

export default defineConfig(({ mode }) => {
  // For this process, which builds what the tests share, and for those in which they run.
  process.env.TEST_DEPTH = mode === "deep" ? "deep" : "sample";
  return {
    test: {
      include: mode === "deep" ? [...DEEP_FILES] : ["test/**/*.test.ts"],
      globalSetup: ["test/build-all.ts"],
      // The summary ends with a plain line of counts, which CI reads.
      reporters: ["default", new CountReporter()],
      // Most files load the same modules: a worker loads them once for all its files. No test may change what others see.
      isolate: false,
      // A scenario runs a counter's day in milliseconds; what takes longer builds a bundle, or waits for a browser or a real interpreter.
      testTimeout: 120_000,
      hookTimeout: 120_000,
      // Some files mostly wait, for a device in real time, a browser or a process: a worker more than there are cores uses the time. In the mode `deep` most compute, and
      // would starve those that attack in real time.
      maxWorkers: availableParallelism() + (mode === "deep" ? 0 : 1),
      sequence: { sequencer: LongestFirst },
      // Builds and simulated days make much short-lived garbage. With the small young generation of Node a fifth of the time goes into collecting it.
      execArgv: ["--max-semi-space-size=64"],
    },
  };
});
