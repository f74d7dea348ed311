// Pins, buses and ports of the board.

/** The part with this name, such as pin `B3` or bus `I2C1`. The build has replaced the names in the board's data by the parts. The type is not checked. */
export function part<T>(name: string): T {
  return name as unknown as T;
}

/** Checks that a driver starts only once, as the contract wants it. @returns true @throws Error where it was started before */
export function startOnce(isStarted: boolean): boolean {
  if (isStarted) throw new Error("started already");
  return true;
}
