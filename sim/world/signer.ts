// Signs commands and acknowledgements as a host does that has the simulated terminals' key: their hello tells the next number.

import { SIGNED_COMMANDS } from "../../firmware/tools/link/message-schemas.js";
import { type SignedPlace, signAcknowledgement, signCommand } from "../../firmware/tools/link/signing.js";
import type { CommandId, SignedCommand, SignedEnvelope } from "../../firmware/uplink/messages.js";
import { SIMULATED_KEY } from "./simulated-key.js";

/** Tells a simulated terminal that everything of a log is stored up to a number. */
export function acknowledgementOf(log: number, seq: number): SignedEnvelope {
  return signAcknowledgement(SIMULATED_KEY, log, seq);
}

export class Signer {
  private log = 0;
  private newest = 0;

  /** Takes in what the terminal said. */
  hear(message: Readonly<Record<string, unknown>>): void {
    if (!("hello" in message)) return;
    this.log = message.log as number;
    this.newest = message.signed as number;
  }

  /** Where the next command will be. */
  next(): SignedPlace {
    return { log: this.log, n: this.newest + 1 };
  }

  sign(command: SignedCommand, id?: CommandId, place = this.next(), key: Uint8Array = SIMULATED_KEY): SignedEnvelope {
    this.newest = place.n;
    return signCommand(key, place, command, id);
  }

  /** The message for a command, or an acknowledgement: in an envelope where it has to be signed. */
  message(command: Readonly<Record<string, unknown>>): object {
    if (command.do === "acknowledge") return acknowledgementOf(command.log as number, command.seq as number);
    if (!SIGNED_COMMANDS.has(command.do as string)) return command;
    const { id, ...rest } = command;
    return this.sign(rest as unknown as SignedCommand, id as CommandId | undefined);
  }
}
