// The schemas of every message: the receiver checks messages with them, and asyncapi.yaml is made from them. uplink/messages.ts has the same as types.

import { z } from "zod";
import { DEVICE_NAME, DEVICE_NAME_WORDS, MOST_NAME_CHARACTERS } from "../../config/device-name.js";
import type {
  Acknowledgement,
  AlertMessage,
  AnswerMessage,
  Command,
  DownMessage,
  HelloMessage,
  LostMessage,
  RecordMessage,
  SignedCommand,
  SignedEnvelope,
  SignedText,
  StatusMessage,
  UpKind,
  UpMessage,
} from "../../uplink/messages.js";

const U32 = 0xffffffff;
const u32 = z.int().min(0).max(U32);
const sequence = z.int().min(1).max(U32);
/** A signed command's number. There are 1000 for each record. */
const commandNumber = z.int().min(0);
const flag = z.string().max(32);
const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
/** HMAC-SHA-256 in base64. */
const mac = base64
  .length(44)
  .describe(
    "HMAC-SHA-256 with the device key, in base64: in a terminal's message over the text without this field, in an envelope over `command:` and `signed`.",
  );
/** A name of a thing, never of a citizen: it may not look like the number of a mobile phone or of an identity card. */
const word = z.string().regex(/^(?!(0|[._-]*8[._-]*6)?([._-]*1[._-]*[3-9]([._-]*[0-9]){9})[._-]*$)(?!([._-]*[0-9]){15}[._-]*$)[A-Za-z0-9._-]{1,16}$/);
const NAME = `must be ${DEVICE_NAME_WORDS}`;
const device = z.string().regex(DEVICE_NAME, NAME).max(MOST_NAME_CHARACTERS, NAME);
const counter = z.string().regex(/^[A-Za-z0-9-]{1,4}$/);
const staff = z.string().regex(/^[A-Za-z0-9-]{0,8}$/);
const commandId = z
  .union([z.number(), z.string().regex(/^[A-Za-z0-9._-]{0,32}$/)])
  .describe("The sender's name for this command, a number or up to 32 characters, which the answer repeats. Take it from a random source.");

// --- up ---

const log = u32.describe("Name of the terminal's log, which begins anew when its flash was erased.");
const newest = "0: none";
const configVersion = u32.describe("Version of the configuration, 1 to 65535; 0 when it is not valid.");

export const helloSchema = z.object({
  hello: z
    .object({
      device: device.describe("Name of the terminal in the hall's systems."),
      counter: counter.describe("Number of the counter, as citizens see it."),
      firmware: z.string().max(32).describe("Version of the firmware."),
      config: configVersion,
      neighbours: z.array(counter).max(8).readonly().optional().describe("Counters whose state it wants to know, the first choice first."),
    })
    .describe("Who the terminal is."),
  log,
  last: u32.describe(`Sequence number of the newest record; ${newest}.`),
  acknowledged: u32.describe(`Sequence number up to which everything is acknowledged; ${newest}.`),
  start: u32.describe("Names this start of the terminal. What is signed for it holds this number."),
  signed: commandNumber.describe("The next signed command needs a number `n` greater than this."),
  mac,
});
const seqOfRecord = sequence.describe("Sequence number of the record, which counts from 1 within the log.");
export const recordSchema = z.object({
  log,
  seq: seqOfRecord,
  record: base64
    .min(88)
    .max(344)
    .describe("Its bytes in base64, 64 to 256 of them: components/schemas/record-TYPE has what is in them, and FORMAT.md where."),
  mac,
});
export const lostSchema = z.object({
  log,
  seq: seqOfRecord,
  lost: z.literal(true).describe("The record can no longer be read, or there never was one: treat it as received."),
  mac,
});
const onlineSchema = z.object({
  online: z.literal(true).describe("The terminal is there."),
  state: z
    .enum(["open", "asking", "paused", "unattended", "closed", "outOfOrder"])
    .describe(
      "How the counter stands. asking: a citizen is asked for a rating; unattended: nobody is on duty in hours of service; closed: before or after hours, or lunch; outOfOrder: the configuration is not valid.",
    ),
  clerk: staff.describe("Staff number of the clerk on duty, or empty."),
  pause: flag.describe("Reason of the running pause, as in the command `pause`, or empty."),
  faults: z
    .array(flag)
    .readonly()
    .describe("Faults that are present: config, ledger, display, badgeReader, flash, clock, and keys by their names (key1 to key5, invite, pause)."),
  time: z
    .enum(["host", "chip"])
    .optional()
    .describe("Who gave the wall time, on a board with a clock chip. Left out while it is unknown, and without a chip."),
  config: configVersion,
  uptime: u32.describe("Time since the start of the terminal, in seconds."),
  free: u32.describe("Free variables of the interpreter. Garbage counts as used."),
  flags: z.array(flag).readonly().describe("Error flags of the interpreter since the last status, such as FIFO_FULL."),
});
export const statusSchema = z.union([
  z.object({ status: onlineSchema.describe("How the counter stands."), mac }),
  z.object({
    status: z
      .object({ online: z.literal(false).describe("The terminal is gone.") })
      .describe("The last will, which the broker sends. It has no MAC."),
  }),
]);
export const alertSchema = z.object({
  alert: z
    .string()
    .min(1)
    .max(32)
    .describe("Its name: badRating, leftEarly, forgotten, overrun, overlong, unattended, duplicateBadge, unlock, restart or key."),
  detail: z
    .string()
    .max(128)
    .describe("Words separated by spaces, by the alert: staff numbers, counters, keys, whole minutes or seconds. PROTOCOL.md has them."),
  mac,
});
const answerTo = commandId.nullable().describe("The `id` of the command; null where it had none.");
/** The first 96 bits of a SHA-256 in base64. */
const commandHash = base64.length(16).describe("First 16 characters of the SHA-256, in base64, of the command's message as it came.");
export const answerSchema = z.union([
  z.object({
    answer: answerTo,
    of: commandHash,
    result: z
      .union([
        z.literal("ok"),
        z.object({
          since: u32.describe("Sequence number of the first record that was counted."),
          counts: z
            .array(z.int())
            .max(11)
            .readonly()
            .describe(
              "Numbers of: ratings by grade from 1 to 5, time-outs, cancelled, staffLeft, notInvited, cards, voided. Zeros at the end are left out.",
            ),
        }),
      ])
      .describe("ok, or for `totals` the row."),
    mac,
  }),
  z.object({
    answer: answerTo,
    of: commandHash,
    error: z
      .string()
      .min(1)
      .max(64)
      .describe("Why the command was refused: a word of PROTOCOL.md such as notServing, or bad and the name of a field."),
    mac,
  }),
]);

/** Every message of a terminal, by the word that its topic ends with. */
export const UP_SCHEMAS = {
  hello: helloSchema,
  record: z.union([recordSchema, lostSchema]),
  status: statusSchema,
  alert: alertSchema,
  answer: answerSchema,
} as const satisfies Record<UpKind, z.ZodType>;

// --- down ---

/** The field that names a command. @param effect what the command does */
function command<Name extends string>(name: Name, effect: string): z.ZodLiteral<Name> {
  return z.literal(name).describe(effect);
}

const supervisor = word.describe("Staff number of the supervisor who orders it.");
const author = word.describe("Who orders it, for the record.");
const MATTER = "The host's id of a citizen's matter, 1 to 16 characters";
const transaction = word.describe(`${MATTER}.`);
const onlyThis = word.optional().describe(`${MATTER}: where another one is meant, nothing changes.`);
const long = z.boolean().optional().describe("true gives this citizen the long time, `longTimeoutMs` of the configuration. Default false.");
const SEQUENCE = "Sequence number of a record";

const signedParts = [
  z.object({ do: command("approve", "Carries out the pause or sign-out that waits for an approval."), by: supervisor }),
  z.object({
    do: command("card", "Records a rating from a paper card."),
    staff: word.describe("Staff number of the clerk who was rated."),
    transaction,
    grade: z.int().min(1).max(5).describe("1 非常不满意 to 5 非常满意."),
    by: supervisor,
  }),
  z.object({
    do: command("void", "Records that a record does not count any more. That record stays."),
    seq: sequence.describe(`${SEQUENCE}: of a rating, a card, or another outcome.`),
    by: supervisor,
    reason: word.describe("Why, in a word of the hall's own."),
  }),
  z.object({
    do: command("replace", "Begins a new file, whose pieces follow."),
    what: z.enum(["config", "roster", "pictures"]).describe("Which file."),
    bytes: z.int().min(1).max(65535).describe("Length of the file, in bytes."),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("SHA-256 of the file, 64 lower-case hexadecimal digits."),
    by: author,
  }),
  z.object({
    do: command("time", "Sets the wall clock."),
    unix: z.int().min(1577836800).max(4294967294).describe("Wall time in whole seconds since 1970-01-01 00:00 UTC, from 2020 to 2106."),
  }),
  z.object({ do: command("signOut", "Signs the clerk out.") }),
  z.object({
    do: command("leader", "Tells who the supervisor of the day is."),
    by: word.describe("Staff number of a supervisor of the roster."),
  }),
  z.object({
    do: command("emergency", "Shows a text above everything else until it is cleared."),
    text64: base64.optional().describe("The text in UTF-8, in base64; empty or missing clears it."),
  }),
  z.object({
    do: command("duplicateBadge", "Raises the alert that the badge on duty here is on duty at another counter as well."),
    counter: word.describe("Number of the other counter."),
  }),
  z.object({ do: command("restart", "Restarts the terminal within 15 s, as soon as nobody is asked, thanked or answering."), by: author }),
  z.object({
    do: command("unlock", "Opens the console for service, for 10 minutes."),
    by: word.describe("Staff number of a maintainer."),
  }),
] as const;
const plainParts = [
  z.object({ do: command("invite", "Asks the citizen for a rating, now."), transaction, long }),
  z.object({ do: command("cancel", "Ends the open rating. A press that was made counts."), transaction: onlyThis }),
  z.object({
    do: command("open", "Begins a citizen's matter, and ends the one before it. The citizen is greeted."),
    transaction,
    waited: z.boolean().optional().describe("true: the citizen has waited for long, and is told 让您久等了. Default false."),
    long,
  }),
  z.object({ do: command("finish", "Ends the open matter."), transaction: onlyThis }),
  z.object({
    do: command("refer", "Sends this citizen to another counter. The open matter ends as `referred`."),
    counter: counter.describe("Number of the other counter."),
    transaction: onlyThis,
  }),
  z.object({
    do: command("waiting", "Tells how many citizens wait."),
    count: z.int().min(0).max(9999).describe("Number of citizens, 0 to 9999."),
  }),
  z.object({
    do: command("pause", "Begins a pause."),
    reason: z.enum(["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"]).describe("Why. The first three are brief: 暂时离开."),
  }),
  z.object({ do: command("resume", "Ends the pause.") }),
  z.object({
    do: command("neighbour", "Tells how a neighbour stands. Citizens are sent only to one that is open."),
    counter: word.describe("Number of the neighbour, one that the hello names."),
    state: z
      .enum(["open", "paused", "unattended", "closed"])
      .describe("unattended: nobody is on duty in hours of service; closed: before or after hours, lunch, or a terminal that is gone."),
  }),
  z.object({ do: command("selfTest", "Asks somebody at the counter to press each key once, within a minute.") }),
  z.object({
    do: command("totals", "Asks for a row of the totals."),
    row: z
      .string()
      .regex(/^(\d{4}-\d\d(-\d\d)?|unknown) [A-Za-z0-9-]{0,8}$/)
      .describe("A month, a space and a staff number (none for nobody), or a day and a space, in local time."),
  }),
  z.object({ do: command("resend", "Asks for a record again, acknowledged or not."), seq: sequence.describe(`${SEQUENCE}.`) }),
  z.object({
    do: command("piece", "A piece of the file that `replace` has begun."),
    at: u32.multipleOf(8).describe("Offset in the file, in bytes, a multiple of 8."),
    data: base64.min(4).max(384).describe("The bytes from there, in base64: up to 288, a multiple of 8 in every piece but the last."),
  }),
  z.object({ do: command("commit", "Checks the whole file, and switches to it with a restart.") }),
] as const;

const signedCommandSchema = z.discriminatedUnion("do", signedParts);
/** A command without its id. */
export const commandSchema = z.discriminatedUnion("do", [...plainParts, ...signedParts]);
/** The text inside a signed command. */
export const signedTextSchema = signedCommandSchema.and(
  z.object({
    n: commandNumber.describe("Number of the command, greater than `signed` in the hello and than every one accepted since."),
    start: u32.describe("As in the newest hello."),
  }),
);
export const signedEnvelopeSchema = z.object({
  id: commandId.optional(),
  signed: z.string().max(503).describe("The JSON text of the command: components/schemas/signedText, or components/schemas/acknowledgement."),
  mac,
});
export const acknowledgementSchema = z.object({
  do: command("acknowledge", "Lets the terminal forget records that the host has."),
  start: u32.describe("As in the newest hello."),
  seq: u32.describe("The host has every record of the log up to this number; 0: none."),
});
/** A command that anybody on the link may send. */
export const plainMessageSchema = z.discriminatedUnion("do", plainParts).and(z.object({ id: commandId.optional() }));
export const downSchema = z.union([signedEnvelopeSchema, plainMessageSchema]);

/** Commands that have to be signed. */
export const SIGNED_COMMANDS: ReadonlySet<string> = new Set(signedParts.map((part) => part.shape.do.value));

// --- compiles only while schemas and types are the same ---

type Keys<T> = T extends unknown ? keyof T : never;
/** Whether every field of any part of a union is in the other one, with the same values. */
type Fields<A, B> = [A, Keys<A>] extends [B, Keys<B>] ? true : never;
type Same<A, B> = Fields<A, B> & Fields<B, A>;
type Held<Schema extends z.ZodType, Type> = Same<z.output<Schema>, Type>;
/** Schemas and types, pair by pair. */
export const SAME_AS_TYPES: readonly [
  Held<typeof helloSchema, HelloMessage>,
  Held<typeof recordSchema, RecordMessage>,
  Held<typeof lostSchema, LostMessage>,
  Held<typeof statusSchema, StatusMessage>,
  Held<typeof alertSchema, AlertMessage>,
  Held<typeof answerSchema, AnswerMessage>,
  Same<z.output<(typeof UP_SCHEMAS)[UpKind]>, UpMessage>,
  Held<typeof signedCommandSchema, SignedCommand>,
  Held<typeof signedTextSchema, SignedText>,
  Held<typeof signedEnvelopeSchema, SignedEnvelope>,
  Held<typeof acknowledgementSchema, Acknowledgement>,
  Held<typeof commandSchema, Command>,
  Held<typeof downSchema, DownMessage>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];
