// What rollup.config.js and what it imports export, for TypeScript: the files themselves are plain JavaScript, so that rollup reads them without a build.

declare module "*/rollup.config.js" {
  import type { OutputOptions, Plugin, RollupOptions } from "rollup";

  /**
   * @param name a file in firmware/boards, or the path of a board file elsewhere, which ends in `.ts`
   * @param input the entry, from the project's root: the firmware, or in tests a part of it
   */
  export function firmwareOptions(
    name: string,
    input?: string,
  ): Promise<Omit<RollupOptions, "input" | "output" | "plugins"> & { input: string; output: OutputOptions; plugins: Plugin[] }>;
}

declare module "*/whole-program.js" {
  /** A program that cannot be taken as a whole. */
  export class ProgramError extends Error {}
  /** @param code a script in ES5 @throws ProgramError when it uses `this`, `arguments` or `eval` */
  export function takeWhole(code: string): string;
  export function declareFirst(code: string): string;
}

declare module "*/declaration-order.js" {
  /** @param code a minified script whose variables are all declared with `var` */
  export function orderDeclarations(code: string): string;
}

declare module "*/set-aside.js" {
  /** @param code a minified script @param file its name in the board's store */
  export function setAside(code: string, file: string): string;
  /** @returns the same program with nothing set aside */
  export function withAside(code: string): string;
}
