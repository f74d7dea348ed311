// The messages from the server to the page.

import type { Person } from "../../firmware/tools/provision/site.js";
import type { KeyName } from "../../hal/keys.js";
import type { LampName } from "../world/world.js";
import type { Setup } from "./setups.js";

/** Who has a record. `waiting`: the terminal alone. `received`: the host too. `acknowledged`: the host, and the terminal may erase it. */
export type RecordPlace = "waiting" | "received" | "acknowledged";

/** One record in words. */
export interface RecordView {
  /** Log and sequence number, which no other record has. */
  readonly id: string;
  readonly sequence: number;
  /** Wall time in seconds since 1970, or 0 where the terminal did not know it. */
  readonly wallSeconds: number;
  /** Time since the terminal started, in ms. */
  readonly uptimeMs: number;
  readonly chinese: string;
  readonly english: string;
  readonly detail: string;
  readonly place: RecordPlace;
}

/** The terminal's parts, which do not change while the simulator runs. */
export interface TerminalParts {
  readonly counter: string;
  readonly device: string;
  readonly board: string;
  /** Name of the engine that runs the firmware. */
  readonly engine: string;
  readonly hasRings: boolean;
  /** Whether the pause sign has a second light. */
  readonly hasSignLamp: boolean;
  /** Whether it has a voice module. */
  readonly hasVoice: boolean;
  /** The badges that its reader reads, in a few words. */
  readonly reads: string;
  /** Size of the panel in pixels, and whether seven-segment digits are drawn with them. */
  readonly display: { readonly width: number; readonly height: number; readonly isSegments: boolean };
  /** Grade of each citizen's key, from the left. */
  readonly grades: readonly number[];
  readonly people: readonly Person[];
  /** Numbers of the counters beside it. */
  readonly neighbours: readonly string[];
  /** The hall's wall clock minus UTC, in minutes. */
  readonly utcOffsetMinutes: number;
  readonly setup: Setup;
  /** Boards to choose another terminal from. */
  readonly boards: readonly string[];
  /** A badge that is not in the roster. */
  readonly unknownBadge: string;
}

/** Everything that the page shows. The first message of `/events` has every part that is known, each later one the parts that have changed. */
export interface Snapshot {
  /** The step of the start that takes time now, or "" when the terminal runs. Until then a message has no other part. */
  readonly starting: string;
  readonly terminal: TerminalParts;
  readonly isPowered: boolean;
  /** The error that stopped the firmware, or "". */
  readonly problem: string;
  /** The panel's bytes, as in `Pixels`, in Base64. */
  readonly display: string;
  readonly lamps: Readonly<Record<LampName, boolean>>;
  readonly keysDown: readonly KeyName[];
  /** The newest notes, in order; each lasts until the next. 0 Hz is silence. */
  readonly notes: readonly { readonly number: number; readonly atMs: number; readonly toneHz: number }[];
  /** The newest clip of a voice module, and its words; a sound without words is described in parentheses. */
  readonly clip: { readonly number: number; readonly clip: number; readonly words: string; readonly volume: number };
  readonly isLinkUp: boolean;
  readonly isDisplayConnected: boolean;
  /** Whether the keys' contacts bounce. */
  readonly areKeysWorn: boolean;
  /** The host's clock: minutes since 1970, by the wall of the hall. */
  readonly hallMinutes: number;
  /** Number of lines that the link has carried. */
  readonly lines: { readonly up: number; readonly down: number };
  readonly isAcknowledging: boolean;
  /** The outcome of the host's newest command. */
  readonly hostSays: { readonly number: number; readonly isGood: boolean; readonly text: string };
  /** Seconds since the world began. */
  readonly seconds: number;
  /** The newest first. */
  readonly records: readonly RecordView[];
  readonly recordCount: number;
  /** Number of records that are not acknowledged. */
  readonly waitingCount: number;
}
