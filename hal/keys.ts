// Keys as raw contacts. Debouncing, and what a key means, is the firmware's.

/** Every key that a terminal can have: `grade` keys for citizens, left to right, and two for the clerk. */
export type KeyName = "key1" | "key2" | "key3" | "key4" | "key5" | "invite" | "pause";

/**
 * One edge of a contact.
 * @param key which contact
 * @param isDown true when the contact closed (the polarity of the pin is the binding's business)
 * @param atMs time of the edge in `Clock.nowMs`, taken in the interrupt, not when the firmware came round to it
 */
export type KeyEdgeListener = (key: KeyName, isDown: boolean, atMs: number) => void;

export interface Keys {
  /**
   * Reports every edge of every key from now on, bounces included, each in order of time and never inside this call.
   * @returns the keys that are down already: they report nothing before their next edge
   * @throws when called a second time
   */
  start(onEdge: KeyEdgeListener): readonly KeyName[];
}
