// Signs commands and acknowledgements with the key of the simulated terminals. A terminal's hello names its start, and has the number of the next command.

import { SIGNED_COMMANDS } from "../../firmware/tools/link/message-schemas.js";
import { type SignedPlace, signAcknowledgement, signCommand } from "../../firmware/tools/link/signing.js";
import type { CommandId, SignedCommand, SignedEnvelope } from "../../firmware/uplink/messages.js";
import { SIMULATED_KEY } from "./simulated-key.js";

export class Signer {
  private start = 0;
  private newest = 0;

  /** Learns start and number from a message of the terminal. */
  hear(message: Readonly<Record<string, unknown>>): void {
    if (!("hello" in message)) return;
    const signed = message.signed as number;
    // A hello may have been on its way while commands came.
    this.newest = message.start === this.start ? Math.max(this.newest, signed) : signed;
    this.start = message.start as number;
  }

  /** Start and number of the next command. */
  next(): SignedPlace {
    return { start: this.start, n: this.newest + 1 };
  }

  /** The acknowledgement of all records up to a number. */
  acknowledgement(seq: number, start = this.start): SignedEnvelope {
    return signAcknowledgement(SIMULATED_KEY, start, seq);
  }

  sign(command: SignedCommand, id?: CommandId, place = this.next(), key: Uint8Array = SIMULATED_KEY): SignedEnvelope {
    this.newest = place.n;
    return signCommand(key, place, command, id);
  }

  /** The message for a command or an acknowledgement, in a signed envelope where it needs one. */
  message(command: Readonly<Record<string, unknown>>): object {
    if (command.do === "acknowledge") return this.acknowledgement(command.seq as number);
    if (!SIGNED_COMMANDS.has(command.do as string)) return command;
    const { id, ...rest } = command;
    return this.sign(rest as unknown as SignedCommand, id as CommandId | undefined);
  }
}
