// The link to the hall, a cable or a network, for messages in both directions. The uplink knows what they mean; the driver sends them as lines of text or as MQTT
// packets.

/** Kinds of messages. A driver for MQTT has a topic for each. */
export type MessageKind = "hello" | "record" | "status" | "alert" | "answer";

/**
 * `sent`: the message was handed to the wire, which is no promise that it arrives. `busy`: too many messages are under way, this one is dropped, and `onReady` tells
 * when there is room again. `down`: there is no connection, and the message is dropped.
 */
export type LinkStatus = "sent" | "busy" | "down";

export interface LinkListener {
  /** A message came in. Its text has at most `MAX_MESSAGE_BYTES` bytes, of any value; longer messages are dropped. */
  onMessage(text: string): void;
  /**
   * The connection came up or went down. A cable without a carrier signal is up from the start.
   * @param why a few words of ASCII for the technician, if the other side refused the connection, else ""
   */
  onState(isUp: boolean, why: string): void;
  /** There is room again after a `busy`. */
  onReady(): void;
}

/** Longest message in either direction, in bytes. */
export const MAX_MESSAGE_BYTES = 503;

/** The address of the host, from the terminal's configuration. */
export interface LinkConfig {
  /** The terminal's own name in the hall's systems. */
  readonly device: string;
  /** `address:port` for lines over TCP, `mqtt://` or `mqtts://`, `user:password@` and `address:port` for a broker, or "" for the cable. */
  readonly host: string;
  /** Name and password of the wireless network, or empty. */
  readonly wifi: readonly string[];
}

export interface Link {
  /**
   * Listens from now on. The first `onState` comes later, never inside this call. On a board that does not support `config.host` the link stays down.
   * @throws when called a second time
   */
  start(config: LinkConfig, listener: LinkListener): void;

  /**
   * Sends one message.
   * @param text printable ASCII, at most `MAX_MESSAGE_BYTES`
   */
  send(kind: MessageKind, text: string): LinkStatus;
}
