// Keys as raw contacts. The firmware debounces them and gives them their meaning.

/** The keys of a terminal: five for citizens, from left to right, and two for the clerk. */
export type KeyName = "key1" | "key2" | "key3" | "key4" | "key5" | "invite" | "pause";

/**
 * Hears an edge of a contact.
 * @param isDown whether the contact closed; the binding knows the polarity of the pin
 * @param atMs time of the edge in `Clock.nowMs`, taken in the interrupt
 */
export type KeyEdgeListener = (key: KeyName, isDown: boolean, atMs: number) => void;

export interface Keys {
  /**
   * Reports every edge of every key from now on, bounces included, in order of time and never inside this call.
   * @returns the keys that are down already. They report nothing before their next edge.
   * @throws when called a second time
   */
  start(onEdge: KeyEdgeListener): readonly KeyName[];
}
