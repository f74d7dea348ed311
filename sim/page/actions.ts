// The messages from the page to the server: the actions of people, of the host and of the world.

import { z } from "zod";
import type { KeyName } from "../../hal/keys.js";
import { BADGE_TEXTS } from "../world/badges.js";
import { Refusal } from "./refusal.js";

const KEY_NAMES = ["key1", "key2", "key3", "key4", "key5", "invite", "pause"] as const satisfies readonly KeyName[];

const actionSchema = z.discriminatedUnion(
  "do",
  [
    /** The contact of a key closes or opens. */
    z.strictObject({ do: z.literal("key"), key: z.enum(KEY_NAMES), isDown: z.boolean() }),
    /** Somebody holds a badge to the reader. */
    z.strictObject({ do: z.literal("badge"), badge: z.string() }),
    /** The host asks for a rating. The terminal may refuse the transaction. */
    z.strictObject({ do: z.literal("invite"), transaction: z.string().regex(/^[ -~]{1,40}$/, "must be 1 to 40 plain ASCII characters") }),
    /** The host sets the time, in seconds since 1970; by default to the time of this computer. */
    z.strictObject({ do: z.literal("setTime"), unix: z.number().int().min(0).max(4294967295).optional() }),
    /** The host begins or ceases to acknowledge records. */
    z.strictObject({ do: z.literal("acknowledge"), isOn: z.boolean() }),
    z.strictObject({ do: z.literal("link"), isUp: z.boolean() }),
    z.strictObject({ do: z.literal("power"), isOn: z.boolean() }),
    /** So much time passes at once. */
    z.strictObject({ do: z.literal("advance"), ms: z.number().int().min(1).max(3600000) }),
  ],
  { error: '"do" must be key, badge, invite, setTime, acknowledge, link, power or advance' },
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
  if (action.do === "badge" && !pattern.test(action.badge)) throw new Refusal(400, `badge: must be ${words}`);
  return action;
}
