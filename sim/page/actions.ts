// The messages from the page to the server: the actions of people, of the host and of the world.

import { z } from "zod";
import type { KeyName } from "../../hal/keys.js";
import { BADGE_TEXTS } from "../world/badges.js";
import { Refusal } from "./refusal.js";
import { DISPLAY_NAMES, TIMETABLES } from "./setups.js";

const KEY_NAMES = ["key1", "key2", "key3", "key4", "key5", "invite", "pause"] as const satisfies readonly KeyName[];

/** A word of the protocol, such as the id of a matter or the number of a counter. */
const word = z.string().regex(/^[ -~]{1,40}$/, "must be 1 to 40 plain ASCII characters");

/** The host's commands that the page sends, with their fields as in PROTOCOL.md. The terminal may refuse each. An emergency's text is written as it is. */
const commandSchema = z.discriminatedUnion(
  "do",
  [
    z.strictObject({ do: z.literal("open"), transaction: word, waited: z.boolean().optional(), long: z.boolean().optional() }),
    z.strictObject({ do: z.literal("invite"), transaction: word, long: z.boolean().optional() }),
    z.strictObject({ do: z.enum(["finish", "cancel", "resume", "signOut"]) }),
    z.strictObject({ do: z.literal("refer"), counter: word }),
    z.strictObject({ do: z.literal("waiting"), count: z.number().int().min(0).max(9999) }),
    z.strictObject({ do: z.literal("pause"), reason: z.enum(["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"]) }),
    z.strictObject({ do: z.literal("neighbour"), counter: word, state: z.enum(["open", "paused", "unattended", "closed"]) }),
    z.strictObject({ do: z.literal("leader"), by: word }),
    z.strictObject({ do: z.literal("emergency"), text: z.string().max(100, "must be 100 characters at most") }),
  ],
  { error: "must be open, invite, finish, refer, cancel, waiting, pause, resume, signOut, neighbour, leader or emergency" },
);

/** A command of the host. */
export type HostCommand = z.infer<typeof commandSchema>;

/** Longest time that passes at once, in ms: a day. */
const MOST_ADVANCE_MS = 86_400_000;

const actionSchema = z.discriminatedUnion(
  "do",
  [
    /** The contact of a key closes or opens. */
    z.strictObject({ do: z.literal("key"), key: z.enum(KEY_NAMES), isDown: z.boolean() }),
    /** Somebody holds a badge to the reader. */
    z.strictObject({ do: z.literal("badge"), badge: z.string() }),
    /** The same, with one bit of the badge's signal wrong. */
    z.strictObject({ do: z.literal("noisyBadge"), badge: z.string() }),
    z.strictObject({ do: z.literal("command"), command: commandSchema }),
    /** The host sets the terminal's clock to its own. With a time, in seconds since 1970, its own clock is set first. */
    z.strictObject({ do: z.literal("setTime"), unix: z.number().int().min(0).max(4294967295).optional() }),
    /** The host begins or ceases to acknowledge records. */
    z.strictObject({ do: z.literal("acknowledge"), isOn: z.boolean() }),
    z.strictObject({ do: z.literal("link"), isUp: z.boolean() }),
    z.strictObject({ do: z.literal("power"), isOn: z.boolean() }),
    /** So much time passes at once. */
    z.strictObject({ do: z.literal("advance"), ms: z.number().int().min(1).max(MOST_ADVANCE_MS) }),
    /** Time passes up to this minute of the day by the host's clock. */
    z.strictObject({ do: z.literal("advanceTo"), minuteOfDay: z.number().int().min(0).max(1439) }),
    /** The cable of the display is plugged in, or not. */
    z.strictObject({ do: z.literal("display"), isConnected: z.boolean() }),
    /** The contacts of the keys are worn, and bounce, or they are good. */
    z.strictObject({ do: z.literal("wear"), isWorn: z.boolean() }),
    /** Another terminal, as it comes from the bench: a new board with an empty log. */
    z.strictObject({
      do: z.literal("setup"),
      board: z.string(),
      display: z.enum(DISPLAY_NAMES),
      timetable: z.enum(TIMETABLES),
      hasReasons: z.boolean(),
    }),
  ],
  { error: '"do" must be key, badge, noisyBadge, command, setTime, acknowledge, link, power, advance, advanceTo, display, wear or setup' },
);

export type Action = z.infer<typeof actionSchema>;

/** Checks an action. @param reader kind of the board's badge reader @throws Refusal when there is no such action */
export function parseAction(json: unknown, reader: keyof typeof BADGE_TEXTS): Action {
  const result = actionSchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Refusal(400, [issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
  }
  const action = result.data;
  const { pattern, words } = BADGE_TEXTS[reader];
  if ((action.do === "badge" || action.do === "noisyBadge") && !pattern.test(action.badge)) throw new Refusal(400, `badge: must be ${words}`);
  // Such a reader asks the card again.
  if (action.do === "noisyBadge" && reader === "mfrc522") throw new Refusal(400, "This reader takes no garbled answer: a card is read again.");
  return action;
}
