// The schemas of records, as the reader gives them and `receive export` writes them: each field with its meaning, unit and range. asyncapi.yaml is made from them.
// record-types.ts has the order of the fields; the compiler compares both.

import { z } from "zod";
import { leastFields, OUTCOMES, type RecordFieldName, type RecordTypeName } from "./record-types.js";

const U32 = 0xffffffff;
const u32 = (says: string): z.ZodInt => z.int().min(0).max(U32).describe(says);
const staff = (says: string): z.ZodString =>
  z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,16}$/)
    .describe(says);
const transaction = z
  .string()
  .regex(/^[A-Za-z0-9._-]{0,16}$/)
  .describe("The host's id of the citizen's matter, or empty where the clerk asked without one.");
const counter = (says: string): z.ZodString =>
  z
    .string()
    .regex(/^[A-Za-z0-9-]{1,4}$/)
    .describe(says);
const badge = z
  .string()
  .max(20)
  .describe("The badge as the reader tells it: W26: and 6, W34: and 8, EM: and 10, or UID: and 8 or 14 upper-case hexadecimal digits.");
const pauseReason = z.enum(["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"]);
const wallTime = (says: string): z.ZodInt => u32(`${says}, in seconds since 1970-01-01 00:00 UTC; 0: unknown.`);
const count = (says: string): z.ZodInt => z.int().min(0).max(U32).describe(`Number of ${says} in this row.`);
const keyBits = (says: string): z.ZodInt =>
  z.int().min(0).max(127).describe(`${says}, a sum of: 1, 2, 4, 8, 16 for key 1 to 5, 32 for invite, 64 for pause.`);
const lateSeconds = u32("What this clerk has served after closing so far, in seconds. Left out where it is 0.");
const present = staff("Staff number of the clerk who was on duty then, or empty. Left out where that is `staff`.");
const supervisor = staff("Staff number of the supervisor.");
const begunBy = "Staff number of the clerk who began the matter";

/** Minutes of a day, negative before. */
const minutes = z.int().min(-1440).max(1440).describe("Whole minutes after the opening, negative before it. Only with a word in `punctuality`.");
const punctuality = z
  .enum(["", "early", "onTime", "late"])
  .describe(
    "Whether the clerk came early (as early as the demand, or earlier), on time or late; empty where nothing tells, and for who takes over or returns.",
  );
const what = z.enum(["pause", "signOut"]).describe("What was wished.");
const wishReason = z.enum(["", ...pauseReason.options]).describe("Reason of the pause that was wished, or empty.");

/** The fields of each type, in their order. */
const FIELDS = {
  started: {
    firmware: z.string().max(32).describe("Version of the firmware."),
    configuration: z.int().min(0).max(65535).describe("Version of the configuration; 0 when it is not valid."),
    author: z.string().max(16).describe("Who wrote the configuration."),
    selfTest: z.enum(["ok", "config", "display", "keys"]).describe("ok, or the part that failed. keys: a key was down."),
    deadKeys: keyBits("Keys that a self-test has not seen"),
    utcOffsetMinutes: z.int().min(-720).max(840).describe("Local time minus UTC by the configuration, in minutes: it decides where a day ends."),
  },
  signIn: { staff: staff("Staff number."), badge, punctuality, minutes },
  signOut: {
    staff: staff("Staff number."),
    relievedBy: staff("Staff number of the clerk who took over, or empty."),
    lateMinutes: z.int().min(0).max(1440).describe("Whole minutes that this clerk served after closing time, pauses left out."),
    earlyMinutes: z.int().min(0).max(1440).describe("Whole minutes before the end of the period. Left out where it is 0 and nothing follows."),
    why: z
      .enum(["forgotten", "roster"])
      .describe("Why the terminal did it. forgotten: the day of service was over; roster: the clerk may not be here any more. Else left out."),
  },
  session: {
    staff: staff("Staff number on the display at the outcome."),
    transaction,
    outcome: z.enum(OUTCOMES).describe("How the rating ended. pending: not yet; a later session has the outcome."),
    grade: z.int().min(0).max(5).describe("1 非常不满意 to 5 非常满意; 0: nobody pressed."),
    elapsedMs: u32("From the invite (after a power cut: from the restart) to the press or the outcome, in ms."),
    suspect: z
      .int()
      .min(0)
      .max(255)
      .describe(
        "Marks, a sum of: 1 several keys at once before, 2 too soon after the invite, 4 too many sessions in a minute, 8 a key was held at the invite, 16 the power went meanwhile, 32 invited once more, 64 the contact has chattered, 128 the long time was given. Left out where it is 0 and nothing follows.",
      ),
    begunBy: staff(`${begunBy} or invited. Left out where that is \`staff\`.`),
  },
  pauseBegan: {
    staff: staff("Staff number."),
    reason: pauseReason.describe("Why."),
    approvedBy: staff("Staff number of the supervisor, or empty where no approval was needed."),
    lateSeconds,
  },
  pauseEnded: {
    staff: staff("Staff number."),
    seconds: u32("Length of the pause, in seconds; after a power cut from the restart, where the wall clock is not known before and after it."),
    reason: pauseReason.describe("Why."),
    lateSeconds,
  },
  badgeRefused: {
    badge,
    reason: z.enum(["Unknown", "Role", "Revoked", "NotYet", "Expired", "Counter"]).describe("Why. Counter: it may not be used at this one."),
  },
  faultBegan: {
    fault: z.enum(["config", "link", "display", "badgeReader", "key", "flash", "clock"]).describe("What does not work."),
    detail: z.string().max(64).describe("For the technician."),
  },
  faultEnded: {
    fault: z.enum(["link", "display", "badgeReader", "key", "ledger", "clock"]).describe("What works again."),
    detail: z.string().max(64).describe("The key, or empty."),
  },
  timeSet: {
    beforeSeconds: wallTime("Wall time that the terminal had"),
    afterSeconds: wallTime("Wall time that was set"),
    awaySeconds: u32("How long the terminal had no power before this start, in seconds, where that is known now, else 0."),
    source: z.enum(["host", "chip"]).describe("Who gave the time. Left out on a board without a clock chip: the host."),
    aheadSeconds: z
      .int()
      .describe("How far the clock chip was ahead of the host, in seconds, negative: behind. Left out where the chip gave the time, or had none."),
  },
  notInvited: { staff: staff(`${begunBy}, or who was on duty at its end, or empty.`), transaction, present },
  reason: {
    staff: staff("Staff number of the clerk who was rated."),
    transaction,
    code: z.int().min(0).max(999).describe("Official code, whose first digit is the grade; 0: none, no code of that grade, or a good rating."),
    present,
  },
  approved: { supervisor, what, reason: wishReason },
  notApproved: { staff: staff("Staff number of the clerk who asked."), what, reason: wishReason },
  alert: {
    alert: z.enum(["overrun", "overlong", "unattended", "duplicateBadge", "unlock", "restart", "key"]).describe("What the supervisor was told."),
    detail: z.string().max(128).describe("As in the alert's message."),
  },
  card: {
    staff: staff("Staff number of the clerk who was rated."),
    transaction,
    grade: z.int().min(1).max(5).describe("1 非常不满意 to 5 非常满意, from the paper card."),
    supervisor: staff("Staff number of the supervisor who entered it."),
  },
  voided: {
    record: u32("Sequence number of the record that does not count any more."),
    supervisor,
    reason: staff("Why, in a word of the hall's own."),
    staff: staff("Staff number of that record. Left out where the totals do not count it."),
    countedSeconds: wallTime("Wall time of that record"),
    place: z.int().min(0).max(31).describe("Its column in the totals, 0 for the first, and 16 more for a rating from a paper card."),
  },
  selfTest: {
    result: z.enum(["ok", "failed"]).describe("Whether every key was pressed."),
    presses: z
      .string()
      .regex(/^\d+( \d+){6}$/)
      .describe("Presses of each key since the start: the citizens' five from the left, invite, pause."),
  },
  state: {
    staff: staff("Staff number of the clerk on duty, or empty."),
    pause: z.enum(["", ...pauseReason.options]).describe("Reason of the running pause, or empty."),
    transaction: staff("The open matter, or empty."),
    begunBy: staff(`${begunBy}, or empty.`),
    deadKeys: keyBits("Keys that a self-test has not seen"),
    totals: u32("Sequence number of the first row of the newest totals; 0: there are none."),
    totalsSince: u32("Sequence number of the first record that they count."),
    sinceSeconds: wallTime("Since when the clerk serves or pauses, or until when somebody was on duty"),
    lateSeconds: u32("What the clerk had served after closing by then, in seconds."),
    long: z.int().min(0).max(1).describe("1: the citizen of the open matter is given the long time."),
    seenSeconds: wallTime("The newest moment before the start at which this clerk was on duty. Left out once a clock has come since the start"),
  },
  emergency: { textCrc: u32("CRC-32 of the text in UTF-8; 0: it was cleared.") },
  opened: {
    staff: staff("Staff number of the clerk on duty, or empty."),
    transaction,
    long: z.int().min(0).max(1).describe("1: the citizen is given the long time. Else left out."),
  },
  totals: {
    row: z.string().max(24).describe("A month, a space and a staff number (none for nobody), or a day and a space, in local time."),
    rated1: count("ratings of grade 1, from keys and cards,"),
    rated2: count("ratings of grade 2"),
    rated3: count("ratings of grade 3"),
    rated4: count("ratings of grade 4"),
    rated5: count("ratings of grade 5"),
    timeouts: count("sessions in which nobody pressed"),
    cancelled: count("sessions that were called off"),
    staffLeft: count("sessions during which the clerk signed out"),
    notInvited: count("matters that ended without an invite"),
    cards: count("ratings from paper cards"),
    voided: count("records that do not count any more"),
  },
  switched: {
    file: z.enum(["config", "roster", "pictures"]).describe("Which file."),
    generation: u32("Generation of the file that is in force from here on."),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("SHA-256 of the file."),
    by: staff("Who ordered it."),
  },
  refused: {
    error: z.string().max(64).describe("Why the last command was refused, as in an answer."),
    count: u32("Refusals since the record `refused` before this one."),
  },
  ended: { staff: staff(`${begunBy}, or who was on duty at its end, or empty.`), transaction, present },
  arrival: { staff: staff("Staff number."), punctuality, minutes },
  referred: {
    staff: staff(`${begunBy}, or who was on duty, or empty.`),
    transaction,
    from: counter("Number of this counter."),
    to: counter("Number of the counter to which the citizen was sent."),
    present,
  },
  attended: { supervisor, record: u32("Sequence number of the bad rating's `session`.") },
} as const satisfies { readonly [Type in RecordTypeName]: { readonly [Name in RecordFieldName<Type>]: z.ZodType } };

const SAYS: { readonly [Type in RecordTypeName]: string } = {
  started: "The terminal has started.",
  signIn: "A clerk has signed in, or taken over.",
  signOut: "A clerk has signed out, was relieved, or was signed out.",
  session: "A rating was asked for.",
  pauseBegan: "A pause has begun.",
  pauseEnded: "A pause has ended.",
  badgeRefused: "A badge was refused.",
  faultBegan: "A fault has begun.",
  faultEnded: "A fault has ended.",
  timeSet: "The host, or the clock chip of the board, has set the wall clock.",
  notInvited: "A matter has ended without an invite (漏邀).",
  reason: "The citizen was offered reasons after a rating, and pressed one, or none.",
  approved: "A supervisor has approved a wish.",
  notApproved: "A wish was not approved in time, or was taken back or replaced.",
  alert: "The supervisor was alerted.",
  card: "A rating from a paper card.",
  voided: "A record does not count any more.",
  selfTest: "The test of the keys has ended.",
  state: "The state of the terminal, so that a restart need not look far back.",
  emergency: "An emergency text was shown or cleared.",
  opened: "The host has opened a citizen's matter.",
  totals: "A row of the totals. Zeros at the end are left out.",
  switched: "A new file is in force. The terminal restarts.",
  refused: "Signed commands were refused.",
  ended: "A matter has ended, and nobody has failed to invite.",
  arrival: "How punctual the newest sign-in was, whose wall clock came later.",
  referred: "A citizen was sent to another counter.",
  attended: "A supervisor came to the counter after a bad rating.",
};

/** The fields of every record. */
export const RECORD_FRAME_SCHEMA = z
  .object({
    sequence: z.int().min(1).max(U32).describe("Counts from 1 within the log, without gaps."),
    uptimeMs: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe("Time on the terminal's monotonic clock, in ms, to 10 ms."),
    wallSeconds: z
      .int()
      .min(1)
      .max(U32)
      .optional()
      .describe("Wall time, in seconds since 1970-01-01 00:00 UTC. Left out where the terminal did not know it."),
    backlog: z
      .int()
      .min(0)
      .max(65534)
      .optional()
      .describe("Records before this one that the host had not acknowledged then. Left out: 65535 or more, or not told."),
    mac: z
      .string()
      .regex(/^[0-9a-f]{8}$/)
      .describe("The first 4 bytes of its MAC, which chains it to the records before, as hexadecimal digits."),
  })
  .describe("The fields of every record.");

/** The schema of each type of record, without those fields. */
export const RECORD_SCHEMAS: Readonly<Record<string, z.ZodObject>> = Object.fromEntries(
  Object.entries(FIELDS).map(([type, fields]) => {
    const least = leastFields(type as RecordTypeName);
    const shape = Object.entries(fields).map(([name, schema], i) => [name, i < least ? schema : schema.optional()]);
    const named = { type: z.literal(type).describe("The type of record."), ...Object.fromEntries(shape) };
    return [type, z.object(named).describe(SAYS[type as RecordTypeName])];
  }),
);
