// Where terminals come from: ports, a listener, a broker. Each hands their messages to the receiver, and keeps itself connected.

/** A way to one terminal: a port, a connection, a topic. */
export interface Peer {
  /** For people: `/dev/ttyUSB0`, `10.0.0.7:41234`. */
  readonly name: string;
  /** The device at its end, where the way itself says so; a hello of another one is refused there. */
  readonly device?: string | undefined;
  /** @param text JSON in printable ASCII, at most `MOST_TEXT` long. It may get lost. */
  send(text: string): void;
}

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
