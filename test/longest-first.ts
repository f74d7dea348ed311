// The order of the test files: those that take longest begin first, so that no core waits for the last of them.

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, the longest first. */
const LONGEST: readonly string[] = [
  "sim/page",
  "firmware/tools/device/device",
  "sim/scenarios",
  "firmware/tools/device/bench-commands",
  "oracle/oracle",
  "firmware/tools/device/ledger-copies",
  "firmware/tools/secrets",
  "firmware/hall/lost-database",
  "firmware/hall/hostile-broker",
  "attack/attack",
].map((name) => `/test/${name}.test.ts`);

/** Sorts the files. Those that are not listed follow in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
