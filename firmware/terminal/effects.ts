// What the terminal wants done. Lamps and display are not here: they follow from the state (see view.ts), so that they cannot disagree with it.

import type { RecordType } from "../ledger/records.js";
import type { PatternName } from "../sound/patterns.js";

export type Effect =
  /** Write a record. Everything that the public sees of a step waits until it is in flash. */
  | { readonly kind: "append"; readonly type: RecordType; readonly fields: readonly (string | number)[] }
  | { readonly kind: "sound"; readonly pattern: PatternName };
