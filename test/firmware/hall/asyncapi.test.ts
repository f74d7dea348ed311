// The AsyncAPI document: it is one, it is that of the schemas, and the schemas take the examples of PROTOCOL.md and nothing else.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { asyncApiText } from "../../../firmware/hall/asyncapi.js";
import { type LedgerRecord, RECORD_FIELDS, readRecord } from "../../../firmware/tools/ledger/ledger-reader.js";
import { RECORD_NUMBERS } from "../../../firmware/tools/ledger/record-types.js";
import { messageIn } from "../../../firmware/tools/link/lines.js";
import { nodeEngine } from "../../../sim/engines/node.js";
import { loadScenario, runScenario } from "../../../sim/scenario/scenario.js";
import type { TraceLine } from "../../../sim/world/world.js";

const FILE = "firmware/uplink/asyncapi.yaml";

interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const document = parse(readFileSync(FILE, "utf8")) as {
  components: { messages: Record<string, { payload: Schema }>; schemas: Record<string, Schema> };
};
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

  it("says of every field what it means, of every number its range, and of every text its length or its form", () => {
    const wanting: string[] = [];
    let count = 0;
    const visit = (schema: Schema, where: string): void => {
      for (const each of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]) visit(each, where);
      for (const [name, field] of Object.entries(schema.properties ?? {})) {
        count++;
        if (!field.description) wanting.push(`${where}.${name} has no description`);
        if (field.type === "integer" && (field.minimum === undefined || field.maximum === undefined)) wanting.push(`${where}.${name} has no range`);
        const form = field.maxLength ?? field.pattern ?? field.enum ?? field.const;
        if (field.type === "string" && form === undefined) wanting.push(`${where}.${name} has no form`);
        visit(field, `${where}.${name}`);
      }
    };
    for (const [name, { payload }] of Object.entries(document.components.messages)) visit(payload, name);
    for (const [name, schema] of Object.entries(document.components.schemas)) visit(schema, name);
    expect(count).toBeGreaterThan(250);
    expect(wanting).toEqual([]);
  });

  it("refers to each of its schemas", () => {
    const text = readFileSync(FILE, "utf8");
    expect(Object.keys(document.components.schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`))).toEqual([]);
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

/** Words in backquotes. */
function named(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
}

/** The cells of the rows of a table behind a heading, without its head. */
function rowsBehind(text: string, heading: string): string[][] {
  const lines = (text.split(`\n${heading}\n`)[1] as string).split("\n");
  const first = lines.findIndex((line) => line.startsWith("|"));
  const last = lines.findIndex((line, i) => i > first && !line.startsWith("|"));
  return lines.slice(first + 2, last).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("Every field that there is", () => {
  const { schemas } = document.components;
  const payloadOf = (name: string): Schema => document.components.messages[name]?.payload ?? {};

  it("of a command is in PROTOCOL.md, and every one there is in asyncapi.yaml", () => {
    const plain = payloadOf("command").oneOf ?? [];
    const signed = (document.components.schemas.signedText as Schema).oneOf ?? [];
    const frame = ["do", "id", "n", "start"];
    const ours = new Map(
      [...plain, ...signed].map(({ properties = {} }) => [
        properties.do?.const as string,
        Object.keys(properties)
          .filter((name) => !frame.includes(name))
          .sort(),
      ]),
    );
    ours.set("acknowledge", ["seq", "start"]);
    const rows = rowsBehind(protocol, "## Commands of the host").filter(([name]) => name?.startsWith("`"));
    const theirs = new Map(
      rows.map(([name, fields]) => [
        named(name as string)[0] as string,
        // A field stands before a colon, alone or with others: "`by`, `reason`: words".
        (fields as string)
          .split("; ")
          .flatMap((part) => named(part.split(":")[0] as string))
          .sort(),
      ]),
    );
    expect(theirs.size).toBeGreaterThan(20);
    expect(Object.fromEntries(theirs)).toEqual(Object.fromEntries(ours));
  });

  it("of a status is in PROTOCOL.md, and every one there is in asyncapi.yaml", () => {
    const rows = rowsBehind(protocol, "### Status").map(([name]) => named(name as string)[0]);
    const [online] = payloadOf("status").anyOf ?? [];
    expect(rows).toEqual(Object.keys(online?.properties?.status?.properties ?? {}));
  });

  it("of another message of the terminal is in PROTOCOL.md, and every one there is in asyncapi.yaml", () => {
    const rows = Object.fromEntries(rowsBehind(protocol, "## Messages of the terminal").map(([name, fields]) => [name, named(fields as string)]));
    const inside = (schema: Schema): string[] => Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [name, ...inside(field)]);
    const parts = (name: string): string[] => [
      ...new Set((payloadOf(name).anyOf ?? [payloadOf(name)]).flatMap(inside).filter((field) => field !== "mac")),
    ];
    for (const name of ["hello", "alert", "answer"]) expect(rows[name], name).toEqual(expect.arrayContaining(parts(name)));
    expect([...(rows.record ?? []), ...(rows.lost ?? [])]).toEqual(expect.arrayContaining(parts("record")));
    for (const name of ["hello", "alert", "answer", "record"]) expect(parts(name).length, name).toBeGreaterThan(1);
  });

  it("of a record is in asyncapi.yaml and in FORMAT.md, in order", () => {
    const rows = rowsBehind(readFileSync("firmware/ledger/FORMAT.md", "utf8"), "### Types and their fields");
    expect(rows.map(([number, type]) => [Number(number), named(type as string)[0]])).toEqual(
      Object.entries(RECORD_NUMBERS).map(([type, number]) => [number, type]),
    );
    for (const [type, fields] of Object.entries(RECORD_FIELDS)) {
      const names = Object.keys(fields);
      expect(Object.keys(schemas[`record-${type}`]?.allOf?.[1]?.properties ?? {}), type).toEqual(["type", ...names]);
      const says = (rows.find(([, name]) => name === `\`${type}\``) ?? []).slice(2).join(" ");
      const words = named(says);
      // Each field is named, and for the first time behind the field before it.
      const places = names.map((name) => words.indexOf(name));
      expect(places, `${type}: ${names.join(", ")}`).toEqual([...places].sort((a, b) => a - b));
      expect(places, `${type}: ${names.join(", ")}`).not.toContain(-1);
      const explained = [...says.matchAll(/`(\w+)` (?:text|number)/g)].map(([, name]) => name as string);
      expect(names, type).toEqual(expect.arrayContaining(explained));
    }
  });
});

describe("The records of some scenarios", () => {
  const files = [
    "rules/e02-allows-every-id-of-the-day",
    "rules/e12-forbids-forgetting-a-dead-key",
    "rules/r01-allows-a-trace-of-a-replaced-wish",
    "rules/r02-allows-totals-asked-from-the-terminal",
    "rules/a03-allows-a-clock-that-comes-after-the-sign-in",
    "rules/e07-forbids-a-sign-at-the-counter-bad",
    "rules/e14-allows-a-supervisor-who-comes",
    "rules/e14-allows-attending-in-an-emergency",
    "rules/e15-forbids-more-time-for-the-next-citizen",
    "rules/e17-allows-a-citizen-to-come-back",
    "rules/p07-allows-late-minutes-through-power-cuts",
    "rules/r03-forbids-a-stranger-to-let-records-go",
    "memories/slots-in-fram",
    "displays/max7219",
  ];

  it("are as asyncapi.yaml says, and every type but the totals is among them", () => {
    const check = ajv();
    check.addSchema(document, "asyncapi.yaml");
    const takes = (record: { readonly type: string }): boolean =>
      check.getSchema(`asyncapi.yaml#/components/schemas/record-${record.type}`)?.(JSON.parse(JSON.stringify(record))) === true;
    const seen = new Set<string>();
    for (const file of files) {
      const scenario = loadScenario(readFileSync(`test/scenarios/${file}.yaml`, "utf8"), file);
      for (const record of recordsOf(runScenario(scenario, nodeEngine).trace)) {
        seen.add(record.type);
        expect(takes(record), `${file}: ${JSON.stringify(record)}`).toBe(true);
      }
    }
    expect(Object.keys(RECORD_NUMBERS).filter((type) => !seen.has(type))).toEqual(["totals"]);
    const totals = { type: "totals", sequence: 1, uptimeMs: 10, mac: "00000000", row: "2026-03 1024", rated1: 3 } as const;
    const negative = { ...totals, rated1: -1 };
    expect([takes(totals), takes(negative)]).toEqual([true, false]);
  });
});

/** The records that reached the host. */
function recordsOf(trace: readonly TraceLine[]): LedgerRecord[] {
  return trace.flatMap((line) => {
    const message = "sent" in line ? (messageIn(line.sent) as { record?: string } | undefined) : undefined;
    return message?.record ? [readRecord(Buffer.from(message.record, "base64"))] : [];
  });
}
