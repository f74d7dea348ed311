// The cable or the network to the hall: lines of text, both ways. What a line says is the uplink's business.

/** `sent`: handed to the wire, which is no promise that it arrives. `down`: there is no connection, and nothing was kept. */
export type LinkStatus = "sent" | "down";

export interface LinkListener {
  /** One line came in, without its line end. At most `MAX_LINE_BYTES` bytes; longer ones are dropped whole. Any byte may occur. */
  onLine(line: string): void;
  /** The connection came up or went down. A cable without a carrier signal is up from the start. */
  onState(isUp: boolean): void;
}

/** Longest line in either direction, in bytes, without its line end. */
export const MAX_LINE_BYTES = 512;

export interface Link {
  /**
   * Listens from now on; the first `onState` comes later, never inside this call.
   * @param host `address:port` for a link that opens a connection, or "" for none: then it stays down. A cable ignores it.
   * @throws when called a second time
   */
  start(host: string, listener: LinkListener): void;

  /**
   * Sends one line and its line end.
   * @param line printable ASCII, at most `MAX_LINE_BYTES`
   */
  send(line: string): LinkStatus;
}
