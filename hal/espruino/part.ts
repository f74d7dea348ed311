// Pins, buses and ports of the board, which Espruino keeps as properties of its global object.

/** The part with this name, such as pin `B3` or bus `I2C1`. The board file vouches for its type. */
export function part<T>(name: string): T {
  return (global as unknown as { [name: string]: unknown })[name] as T;
}

/** Starts a driver, as the contract has it: once. @returns that it is started. @throws where it was before */
export function startOnce(isStarted: boolean): boolean {
  if (isStarted) throw new Error("started already");
  return true;
}
