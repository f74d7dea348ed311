// What rollup.config.js exports, for TypeScript: the file itself is plain JavaScript, so that rollup reads it without a build.

declare module "*/rollup.config.js" {
  import type { OutputOptions, Plugin, RollupOptions } from "rollup";

  /**
   * @param name a file in firmware/boards, or the path of a board file elsewhere, which ends in `.ts`
   * @param input the entry, from the project's root: the firmware, or in tests a part of it
   */
  export function firmwareOptions(name: string, input?: string): Promise<RollupOptions & { input: string; output: OutputOptions; plugins: Plugin[] }>;
}
