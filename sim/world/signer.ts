// Signs commands and acknowledgements with the key of the simulated terminals. A terminal's hello has the number of the next command.

import { SIGNED_COMMANDS } from "../../firmware/tools/link/message-schemas.js";
import { type SignedPlace, signAcknowledgement, signCommand } from "../../firmware/tools/link/signing.js";
import type { CommandId, SignedCommand, SignedEnvelope } from "../../firmware/uplink/messages.js";
import { SIMULATED_KEY } from "./simulated-key.js";

/** The acknowledgement of all records of a log up to a number. */
export function acknowledgementOf(log: number, seq: number): SignedEnvelope {
  return signAcknowledgement(SIMULATED_KEY, log, seq);
}

export class Signer {
  private log = 0;
  private newest = 0;

  /** Learns log and number from a message of the terminal. */
  hear(message: Readonly<Record<string, unknown>>): void {
    if (!("hello" in message)) return;
    this.log = message.log as number;
    this.newest = message.signed as number;
  }

  /** Log and number of the next command. */
  next(): SignedPlace {
    return { log: this.log, n: this.newest + 1 };
  }

  sign(command: SignedCommand, id?: CommandId, place = this.next(), key: Uint8Array = SIMULATED_KEY): SignedEnvelope {
    this.newest = place.n;
    return signCommand(key, place, command, id);
  }

  /** The message for a command or an acknowledgement, in a signed envelope where it needs one. */
  message(command: Readonly<Record<string, unknown>>): object {
    if (command.do === "acknowledge") return acknowledgementOf(command.log as number, command.seq as number);
    if (!SIGNED_COMMANDS.has(command.do as string)) return command;
    const { id, ...rest } = command;
    return this.sign(rest as unknown as SignedCommand, id as CommandId | undefined);
  }
}
