// How the tests run. The bundles of all boards are built once, before the first test, and every test reads the same ones.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build-all.ts"],
    // A scenario runs a counter's day in milliseconds; what takes longer builds a bundle, or waits for a browser or a real interpreter.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Vitest would leave one core alone, which on two is half of them.
    maxWorkers: "100%",
  },
});
