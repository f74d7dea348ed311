// Pins, buses and ports of the board.

/** The part with this name, such as pin `B3` or bus `I2C1`: the build has put it into the board's data in place of the name. The board file vouches for its type. */
export function part<T>(name: string): T {
  return name as unknown as T;
}

/** Starts a driver, as the contract has it: once. @returns that it is started. @throws where it was before */
export function startOnce(isStarted: boolean): boolean {
  if (isStarted) throw new Error("started already");
  return true;
}
