// The connections of a board with a network: those of Espruino, or of a simulated board.

/** A connection, as in the module `net` of Espruino and of Node. */
export interface NetSocket {
  on(event: "data", callback: (data: string) => void): void;
  on(event: "close" | "error" | "drain", callback: () => void): void;
  /** The interpreter's own field: the connection ends at once. Without it `end` waits until the other side has taken everything, which may be never. */
  clsNow?: boolean;
  removeAllListeners(): unknown;
  write(data: string): unknown;
  end(): unknown;
}

/** Opens a connection; `onConnected` is called later. @throws where it fails at once: an error of the system */
export type OpenNet = (address: string, port: number, isSecure: boolean, onConnected: () => void) => NetSocket;
