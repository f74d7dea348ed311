// A source is where terminals connect: a serial port, a TCP listener, a broker. It hands on their messages, and keeps itself connected.

/** A way to one terminal: a port, a connection, a topic. */
export interface Peer {
  /** Its name for people: `/dev/ttyUSB0`, `10.0.0.7:41234`. */
  readonly name: string;
  /** The device at its end, where the way itself names it. A hello of another device is refused there. */
  readonly device?: string | undefined;
  /** It is a topic at a broker: whatever comes there may come at another broker of its cluster as well. */
  readonly isTopic?: boolean;
  /** @param text JSON in printable ASCII, at most `MOST_TEXT` long. It may get lost. */
  send(text: string): void;
  /** The terminal at its end has proven itself with its key. A source may drop ways that nobody has proven. */
  prove?(): void;
  /** Ends the way, where it is one that can end: nothing was heard on it for long. */
  close?(): void;
}

/** The listener of a source. */
export interface SourceListener {
  /** A way is open: messages on it may arrive. A broker does not tell, so its ways are known by their first message. */
  meet?(peer: Peer): void;
  /** A message came. @param text of the message as it came @param isRetained a broker had kept it: it tells of the past */
  hear(peer: Peer, message: unknown, text: string, isRetained?: boolean): void;
  /** A way has ended. */
  end(peer: Peer): void;
  /** A line for people: what happened to this source, and what to do. */
  say(words: string): void;
}

export interface Source {
  /** Its name for people: `tcp 0.0.0.0:4000`. */
  readonly name: string;
  close(): Promise<void>;
}
