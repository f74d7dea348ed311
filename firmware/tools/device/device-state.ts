// The state of a device while a command works on it, so that every failure can tell it.

import { tellFailure } from "../program.js";
import { computerTrouble, ToolError } from "../tool-error.js";
import { ConsoleError, TRY_AGAIN } from "./board-console.js";

/** The state of a device. Each step of a command changes it. */
export interface DeviceState {
  /** A sentence for people. */
  now: string;
}

/**
 * Carries out steps on a device. A failure of the transfer, and Ctrl-C, end with the state that the device is in then.
 * @param todo what to do after such a failure
 */
export async function withState<Value>(state: DeviceState, action: () => Promise<Value>, todo = TRY_AGAIN): Promise<Value> {
  const broken = (why: string): ToolError => new ToolError("transferBroken", `The transfer broke off: ${why}.`, state.now, todo);
  const onInterrupt = (): void => {
    process.exit(tellFailure(broken("it was interrupted here")));
  };
  // Of two that are nested, the inner one knows the state better.
  process.prependOnceListener("SIGINT", onInterrupt);
  try {
    return await action();
  } catch (error) {
    if (error instanceof ConsoleError) throw broken(error.message);
    const trouble = computerTrouble(error);
    throw trouble ? new ToolError("transferBroken", trouble.message, state.now, trouble.todo) : error;
  } finally {
    process.removeListener("SIGINT", onInterrupt);
  }
}
