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
const mac = base64.length(44);
/** A name of a thing, never of a citizen: it may not look like the number of a mobile phone or of an identity card. */
const word = z.string().regex(/^(?!(0|[._-]*8[._-]*6)?([._-]*1[._-]*[3-9]([._-]*[0-9]){9})[._-]*$)(?!([._-]*[0-9]){15}[._-]*$)[A-Za-z0-9._-]{1,16}$/);
const NAME = `must be ${DEVICE_NAME_WORDS}`;
const device = z.string().regex(DEVICE_NAME, NAME).max(MOST_NAME_CHARACTERS, NAME);
const counter = z.string().regex(/^[A-Za-z0-9-]{1,4}$/);
const staff = z.string().regex(/^[A-Za-z0-9-]{0,8}$/);
const commandId = z.union([z.number(), z.string().regex(/^[A-Za-z0-9._-]{0,32}$/)]);

// --- up ---

export const helloSchema = z.object({
  hello: z.object({ device, counter, firmware: z.string().max(32), config: u32, neighbours: z.array(counter).max(8).readonly().optional() }),
  log: u32,
  last: u32,
  acknowledged: u32,
  start: u32,
  signed: commandNumber,
  mac,
});
export const recordSchema = z.object({ log: u32, seq: sequence, record: base64.min(88).max(344), mac });
export const lostSchema = z.object({ log: u32, seq: sequence, lost: z.literal(true), mac });
const onlineSchema = z.object({
  online: z.literal(true),
  state: z.enum(["open", "asking", "paused", "unattended", "closed", "outOfOrder"]),
  clerk: staff,
  pause: flag,
  faults: z.array(flag).readonly(),
  config: u32,
  uptime: u32,
  free: u32,
  flags: z.array(flag).readonly(),
});
export const statusSchema = z.union([z.object({ status: onlineSchema, mac }), z.object({ status: z.object({ online: z.literal(false) }) })]);
export const alertSchema = z.object({ alert: z.string().min(1).max(32), detail: z.string().max(128), mac });
const answerTo = commandId.nullable();
/** The first 96 bits of a SHA-256 in base64. */
const commandHash = base64.length(16);
export const answerSchema = z.union([
  z.object({
    answer: answerTo,
    of: commandHash,
    result: z.union([z.literal("ok"), z.object({ since: u32, counts: z.array(z.int()).max(11).readonly() })]),
    mac,
  }),
  z.object({ answer: answerTo, of: commandHash, error: z.string().min(1).max(64), mac }),
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

const signedParts = [
  z.object({ do: z.literal("approve"), by: word }),
  z.object({ do: z.literal("card"), staff: word, transaction: word, grade: z.int().min(1).max(5), by: word }),
  z.object({ do: z.literal("void"), seq: sequence, by: word, reason: word }),
  z.object({
    do: z.literal("replace"),
    what: z.enum(["config", "roster", "pictures"]),
    bytes: z.int().min(1).max(65535),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    by: word,
  }),
  z.object({ do: z.literal("time"), unix: z.int().min(1577836800).max(4294967294) }),
  z.object({ do: z.literal("signOut") }),
  z.object({ do: z.literal("emergency"), text64: base64.optional() }),
  z.object({ do: z.literal("duplicateBadge"), counter: word }),
  z.object({ do: z.literal("restart"), by: word }),
  z.object({ do: z.literal("unlock"), by: word }),
] as const;
const plainParts = [
  z.object({ do: z.literal("invite"), transaction: word, long: z.boolean().optional() }),
  z.object({ do: z.literal("cancel"), transaction: word.optional() }),
  z.object({ do: z.literal("open"), transaction: word, waited: z.boolean().optional(), long: z.boolean().optional() }),
  z.object({ do: z.literal("finish"), transaction: word.optional() }),
  z.object({ do: z.literal("refer"), counter, transaction: word.optional() }),
  z.object({ do: z.literal("waiting"), count: z.int().min(0).max(9999) }),
  z.object({ do: z.literal("pause"), reason: z.enum(["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"]) }),
  z.object({ do: z.literal("resume") }),
  z.object({ do: z.literal("neighbour"), counter: word, state: z.enum(["open", "paused", "unattended", "closed"]) }),
  z.object({ do: z.literal("selfTest") }),
  z.object({ do: z.literal("totals"), row: z.string().regex(/^(\d{4}-\d\d(-\d\d)?|unknown) [A-Za-z0-9-]{0,8}$/) }),
  z.object({ do: z.literal("resend"), seq: sequence }),
  z.object({ do: z.literal("piece"), at: u32.multipleOf(8), data: base64.min(4).max(384) }),
  z.object({ do: z.literal("commit") }),
] as const;

const signedCommandSchema = z.discriminatedUnion("do", signedParts);
/** A command without its id. */
export const commandSchema = z.discriminatedUnion("do", [...plainParts, ...signedParts]);
/** The text inside a signed command. */
export const signedTextSchema = signedCommandSchema.and(z.object({ n: commandNumber, start: u32 }));
export const signedEnvelopeSchema = z.object({ id: commandId.optional(), signed: z.string(), mac });
export const acknowledgementSchema = z.object({ do: z.literal("acknowledge"), start: u32, seq: u32 });
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
