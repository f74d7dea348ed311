// The device key of every simulated terminal: anybody can have it, so that anybody can check a simulated ledger.

import { createHash } from "node:crypto";
import { createChain } from "../firmware/ledger/chain.js";

/** 32 bytes. */
export const SIMULATED_KEY: Buffer = Buffer.from("key of every simulated terminal.", "latin1");

/** The chain of a ledger with this key. */
export const SIMULATED_CHAIN = createChain((data) => Uint8Array.from(createHash("sha256").update(data).digest()), SIMULATED_KEY.toString("hex"));
