// The AsyncAPI document: it is one, it is that of the schemas, and the schemas take the examples of PROTOCOL.md and nothing else.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { asyncApiText } from "../../../firmware/hall/asyncapi.js";
import { messageIn } from "../../../firmware/tools/link/lines.js";

const FILE = "firmware/uplink/asyncapi.yaml";
const document = parse(readFileSync(FILE, "utf8")) as { components: { messages: Record<string, { payload: object }> } };
const protocol = readFileSync("firmware/uplink/PROTOCOL.md", "utf8");

function ajv(): Ajv {
  const made = new Ajv({ strict: false, allErrors: true });
  // A default export in a CommonJS module.
  (formats as unknown as (to: Ajv) => void)(made);
  return made;
}

const payloads = Object.entries(document.components.messages).map(([name, { payload }]) => [name, ajv().compile(payload)] as const);

/** Names of the payloads that take a message. */
function takersOf(message: object): string[] {
  return payloads.filter(([, takes]) => takes(message)).map(([name]) => name);
}

const MAC = `${"A".repeat(43)}=`;

describe("asyncapi.yaml", () => {
  it("is made from the schemas", () => {
    expect(readFileSync(FILE, "utf8"), "npx tsx firmware/hall/asyncapi.ts > firmware/uplink/asyncapi.yaml").toBe(asyncApiText());
  });

  it("is an AsyncAPI 3 document", () => {
    const schema = createRequire(import.meta.url)("@asyncapi/specs/schemas/3.0.0-without-$id.json") as object;
    const validator = ajv();
    expect(validator.validate(schema, document), JSON.stringify(validator.errors?.slice(0, 3))).toBe(true);
    expect(validator.validate(schema, { ...document, channels: 5 })).toBe(false);
  });

  const lines = [...protocol.matchAll(/^([<>]) (\{.*\*[0-9a-f]{8})$/gm)].map(([, way, line]) => [way as string, line as string] as const);
  const messages = lines.flatMap(([way, line]) => {
    const message = messageIn(line);
    return message ? [[way, message] as const] : [];
  });

  it("has one payload for each message in PROTOCOL.md, in its direction", () => {
    expect(messages.length).toBeGreaterThan(25);
    const up = ["hello", "record", "status", "alert", "answer"];
    for (const [way, message] of messages) {
      const takers = takersOf(message);
      // What PROTOCOL.md shows as wrong is answered with an error.
      const { id } = message as { id?: unknown };
      const isWrong = way === ">" && lines.some(([, line]) => line.includes(`"answer":${JSON.stringify(id)},"of"`) && line.includes('"error"'));
      if (isWrong && takers.length === 0) continue;
      expect(takers, JSON.stringify(message)).toHaveLength(1);
      expect(up.includes(takers[0] as string), JSON.stringify(message)).toBe(way === "<");
    }
  });

  it.each([
    [{ do: "invite", transaction: "13800138000" }],
    [{ do: "time", unix: 1772411403 }],
    [{ do: "acknowledge", log: 1, seq: 1 }],
    [{ do: "waiting", count: 1.5 }],
    [{ do: "neighbour", counter: "8", state: "asleep" }],
    [{ hello: { device: "a/b", counter: "8", firmware: "1", config: 1 }, log: 1, last: 0, acknowledged: 0, signed: 0, mac: MAC }],
    [{ log: 1, seq: 1, record: "not base64", mac: MAC }],
    [{ alert: "badRating", detail: "1024" }],
    [{ alert: "badRating", detail: "1024", mac: MAC.slice(4) }],
    [{ signed: "{}", mac: "00" }],
  ])("takes no %j", (message) => {
    expect(takersOf(message)).toEqual([]);
  });
});
