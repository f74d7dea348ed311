// What people write behind receive send.

import { describe, expect, it } from "vitest";
import { commandIn } from "../../../firmware/hall/commands/send-command.js";
import { ToolError } from "../../../firmware/tools/tool-error.js";

describe("A command that somebody has written", () => {
  it("may have the text of an emergency as it is", () => {
    expect(commandIn('{"do":"emergency","text":"火警"}')).toEqual({ do: "emergency", text64: Buffer.from("火警").toString("base64") });
    expect(commandIn('{"do":"emergency"}')).toEqual({ do: "emergency" });
    expect(commandIn('{"do":"invite","text":"x"}')).toEqual({ do: "invite", text: "x" });
  });

  it.each(["null", "[]", "5", "{", "\u0000"])("%j is none", (text) => {
    expect(() => commandIn(text)).toThrow(ToolError);
  });
});
