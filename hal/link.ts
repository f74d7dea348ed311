// The cable or the network to the hall: messages, both ways. What a message says is the uplink's business; how it travels, as a line of text or as an
// MQTT packet, is the driver's.

/** What a message is about. A driver for MQTT has a topic for each. */
export type MessageKind = "hello" | "record" | "status" | "alert" | "answer";

/**
 * `sent`: handed to the wire, which is no promise that it arrives. `busy`: too much is under way, nothing was kept, and `onReady` tells when there is
 * room. `down`: there is no connection, and nothing was kept.
 */
export type LinkStatus = "sent" | "busy" | "down";

export interface LinkListener {
  /** The text of one message came in, whole: at most `MAX_MESSAGE_BYTES` bytes, longer ones are dropped. Any byte may occur. */
  onMessage(text: string): void;
  /**
   * The connection came up, or it is down. A cable without a carrier signal is up from the start.
   * @param why where the other side refused it, a few words of ASCII for the technician, else ""
   */
  onState(isUp: boolean, why: string): void;
  /** There is room again after a `busy`. */
  onReady(): void;
}

/** Longest message in either direction, in bytes. */
export const MAX_MESSAGE_BYTES = 503;

/** Where a link goes, from the terminal's configuration. */
export interface LinkConfig {
  /** The terminal's own name in the hall's systems. */
  readonly device: string;
  /** `address:port` for lines over TCP, `mqtt://` or `mqtts://`, `user:password@` and `address:port` for a broker, or "" for the cable. */
  readonly host: string;
  /** Name and password of the wireless network, or none. */
  readonly wifi: readonly string[];
}

export interface Link {
  /**
   * Listens from now on; the first `onState` comes later, never inside this call. A board without what `config.host` asks for stays down.
   * @throws when called a second time
   */
  start(config: LinkConfig, listener: LinkListener): void;

  /**
   * Sends one message.
   * @param text printable ASCII, at most `MAX_MESSAGE_BYTES`
   */
  send(kind: MessageKind, text: string): LinkStatus;
}
