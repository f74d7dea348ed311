// The device key of every simulated terminal: anybody can have it, so that anybody can check a simulated ledger.

/** 32 bytes. */
export const SIMULATED_KEY: Buffer = Buffer.from("key of every simulated terminal.", "latin1");
