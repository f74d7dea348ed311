// The types of all messages between a terminal and the hall. PROTOCOL.md tells what they mean. tools/link/message-schemas.ts checks them, and the compiler compares
// both.

/** Names a command for its sender. The answer repeats it. A text has at most 32 of `A-Z a-z 0-9 . _ -`. */
export type CommandId = number | string;

// --- up ---

/** The last field of every message of a terminal. */
export interface Sealed {
  /** HMAC-SHA-256, with the device key, of the text of the message without this field, in base64. */
  readonly mac: string;
}

/** The identity of a terminal. */
export interface Identity {
  /** Its name in the hall's systems. */
  readonly device: string;
  /** Number of the counter, as citizens see it. */
  readonly counter: string;
  /** Version of the firmware. */
  readonly firmware: string;
  /** Version of the configuration; 0 when it is not valid. */
  readonly config: number;
  /** Counters whose state it wants to know. */
  readonly neighbours?: readonly string[] | undefined;
}

/** Sent whenever the link comes up, and regularly to see whether the host is there. The host answers with an acknowledgement. */
export interface HelloMessage extends Sealed {
  readonly hello: Identity;
  /** Name of the ledger. */
  readonly log: number;
  /** Sequence number of the newest record; 0: none. */
  readonly last: number;
  /** Number up to which everything is acknowledged. */
  readonly acknowledged: number;
  /** Names this start of the terminal. What is signed for it holds this number. */
  readonly start: number;
  /** The next signed command needs a greater number. */
  readonly signed: number;
}

export interface RecordMessage extends Sealed {
  readonly log: number;
  readonly seq: number;
  /** Bytes of the record in base64: see ledger/FORMAT.md. */
  readonly record: string;
}

/** A record that can no longer be read. */
export interface LostMessage extends Sealed {
  readonly log: number;
  readonly seq: number;
  readonly lost: true;
}

export type ServiceState = "open" | "asking" | "paused" | "unattended" | "closed" | "outOfOrder";

export interface OnlineStatus {
  readonly online: true;
  readonly state: ServiceState;
  /** Staff number of the clerk on duty, or "". */
  readonly clerk: string;
  /** Reason of the pause, or "". */
  readonly pause: string;
  /** Faults that are present. */
  readonly faults: readonly string[];
  /** Version of the configuration; 0 when it is not valid. */
  readonly config: number;
  /** Time since the start, in seconds. */
  readonly uptime: number;
  /** Free variables of the interpreter. */
  readonly free: number;
  /** Error flags of the interpreter. */
  readonly flags: readonly string[];
}

/** The status of a terminal. A broker sends `online: false` for a terminal that it has lost. */
export type Status = OnlineStatus | { readonly online: false };

/** Sent whenever one of its words changes, and after every hello. The broker's own message has no MAC. */
export type StatusMessage = (Sealed & { readonly status: OnlineStatus }) | { readonly status: { readonly online: false } };

/** A message to the supervisor, sent at once. */
export interface AlertMessage extends Sealed {
  readonly alert: string;
  readonly detail: string;
}

/** A row of the totals: see firmware/ledger/FORMAT.md, "Totals". */
export interface TotalsAnswer {
  /** Number of the first record that was counted. */
  readonly since: number;
  readonly counts: readonly number[];
}

/** The result of a command. `answer` is null for a command without an id. `of` is the first 16 characters of the command's SHA-256 in base64. */
export type Outcome =
  | { readonly answer: CommandId | null; readonly of: string; readonly result: "ok" | TotalsAnswer }
  | { readonly answer: CommandId | null; readonly of: string; readonly error: string };

/** The answer to a command. */
export type AnswerMessage = Sealed & Outcome;

export type UpMessage = HelloMessage | RecordMessage | LostMessage | StatusMessage | AlertMessage | AnswerMessage;

/** The kind of a message, which is also the last word of its MQTT topic. */
export type UpKind = "hello" | "record" | "status" | "alert" | "answer";

// --- down ---

export type PauseReason = "brief" | "restroom" | "phone" | "meeting" | "cashUp" | "fault" | "lunch";
export type NeighbourState = "open" | "paused" | "unattended" | "closed";

/** Commands that need no signature. */
export type PlainCommand =
  | { readonly do: "invite"; readonly transaction: string; readonly long?: boolean | undefined }
  | { readonly do: "cancel"; readonly transaction?: string | undefined }
  | { readonly do: "open"; readonly transaction: string; readonly waited?: boolean | undefined; readonly long?: boolean | undefined }
  | { readonly do: "finish"; readonly transaction?: string | undefined }
  | { readonly do: "refer"; readonly counter: string; readonly transaction?: string | undefined }
  | { readonly do: "waiting"; readonly count: number }
  | { readonly do: "pause"; readonly reason: PauseReason }
  | { readonly do: "resume" }
  | { readonly do: "neighbour"; readonly counter: string; readonly state: NeighbourState }
  | { readonly do: "selfTest" }
  /** `row` is a month, a space and a staff number, or a day and a space. */
  | { readonly do: "totals"; readonly row: string }
  | { readonly do: "resend"; readonly seq: number }
  | { readonly do: "piece"; readonly at: number; readonly data: string }
  | { readonly do: "commit" };

/** Commands that change people, records, their time or the configuration, or speak to the public. They are signed with the device key. */
export type SignedCommand =
  | { readonly do: "approve"; readonly by: string }
  | { readonly do: "duplicateBadge"; readonly counter: string }
  | { readonly do: "emergency"; readonly text64?: string | undefined }
  | { readonly do: "signOut" }
  | { readonly do: "leader"; readonly by: string }
  | { readonly do: "time"; readonly unix: number }
  | { readonly do: "card"; readonly staff: string; readonly transaction: string; readonly grade: number; readonly by: string }
  | { readonly do: "void"; readonly seq: number; readonly by: string; readonly reason: string }
  | { readonly do: "replace"; readonly what: "config" | "roster" | "pictures"; readonly bytes: number; readonly sha256: string; readonly by: string }
  | { readonly do: "restart"; readonly by: string }
  | { readonly do: "unlock"; readonly by: string };

export type Command = PlainCommand | SignedCommand;

/** The text that is signed: the command, its number, and the start of the terminal that it is for. */
export type SignedText = SignedCommand & { readonly n: number; readonly start: number };

/** A command, or an acknowledgement, in its envelope. */
export interface SignedEnvelope {
  readonly id?: CommandId | undefined;
  /** JSON text of a `SignedText`, or of an `Acknowledgement`. */
  readonly signed: string;
  /** HMAC-SHA-256 over `command:` and the text, in base64. */
  readonly mac: string;
}

/** The host has stored every record of the terminal's log up to this number. It comes in an envelope, and has no answer. */
export interface Acknowledgement {
  readonly do: "acknowledge";
  readonly start: number;
  readonly seq: number;
}

export type DownMessage = (PlainCommand & { readonly id?: CommandId | undefined }) | SignedEnvelope;
