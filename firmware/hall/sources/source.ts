// Where terminals come from: ports, a listener, a broker. Each hands their messages to the receiver, and keeps itself connected.

import type { Peer } from "../receiver/receiver.js";

/** What a source tells. */
export interface SourceListener {
  /** A way is open: what is sent may arrive. A broker's are told by what comes. */
  meet?(peer: Peer): void;
  /** @param text of the message as it came */
  hear(peer: Peer, message: unknown, text: string): void;
  end(peer: Peer): void;
  /** A line for people: what happened to this source, and what to do. */
  say(words: string): void;
}

export interface Source {
  /** What it is, for people: `tcp 0.0.0.0:4000`. */
  readonly name: string;
  close(): Promise<void>;
}
