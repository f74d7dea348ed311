// What is in a database, for people.

import type { StoreFacts } from "../store/sqlite-store.js";

/** Such as `1204 records of 9 terminals, the newest stored at 2026-03-02T01:15:00.000Z`. */
export function factsWords({ records, terminals, newest }: StoreFacts): string {
  const last = newest > 0 ? `, the newest stored at ${new Date(newest).toISOString()}` : "";
  return `${records} record${records === 1 ? "" : "s"} of ${terminals} terminal${terminals === 1 ? "" : "s"}${last}`;
}
