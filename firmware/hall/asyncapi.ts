// Makes the AsyncAPI 3 document of the topics and their payloads from the schemas: npx tsx firmware/hall/asyncapi.ts > firmware/uplink/asyncapi.yaml

import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { z } from "zod";
import { RECORD_FRAME_SCHEMA, RECORD_SCHEMAS } from "../tools/ledger/record-schemas.js";
import { acknowledgementSchema, plainMessageSchema, signedEnvelopeSchema, signedTextSchema, UP_SCHEMAS } from "../tools/link/message-schemas.js";
import type { UpKind } from "../uplink/messages.js";

/** The JSON Schema of a schema's input, in draft 07, which AsyncAPI knows. */
function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", target: "draft-7", reused: "inline" });
  return rest;
}

const UP: Readonly<Record<UpKind, string>> = {
  hello: "Who a terminal is, and how far its log has come: whenever its link comes up, and now and again.",
  record: "A record of the ledger, or one that can no longer be read. Kept by the terminal until it is acknowledged.",
  status: "How a counter stands: retained; also the last will of a terminal that is gone.",
  alert: "For the supervisor, at once.",
  answer: "The answer to a command, by its id.",
};
const DOWN = {
  command: { summary: "A command that everybody on the link may give.", schema: plainMessageSchema },
  signed: {
    summary: "A signed command (components/schemas/signedText) or an acknowledgement (components/schemas/acknowledgement) in its envelope.",
    schema: signedEnvelopeSchema,
  },
};

function referTo(schema: string): object {
  return { $ref: `#/components/schemas/${schema}` };
}

/** What is inside a text of a message, by the message. */
const INSIDE: Readonly<Record<string, object>> = {
  record: { "x-record": { oneOf: Object.keys(RECORD_SCHEMAS).map((type) => referTo(`record-${type}`)) } },
  signed: { "x-signed": { oneOf: [referTo("signedText"), referTo("acknowledgement")] } },
};

/** The AsyncAPI document. */
export function asyncApiDocument(): object {
  const kinds = Object.keys(UP) as UpKind[];
  const device = { description: "Name of the terminal in the hall's systems.", examples: ["sim-08"] };
  const messages = Object.fromEntries([
    ...kinds.map((kind) => [kind, { summary: UP[kind], contentType: "application/json", payload: schemaOf(UP_SCHEMAS[kind]), ...INSIDE[kind] }]),
    ...Object.entries(DOWN).map(([name, { summary, schema }]) => [
      name,
      { summary, contentType: "application/json", payload: schemaOf(schema), ...INSIDE[name] },
    ]),
  ]) as object;
  const channel = (name: string, names: readonly string[]): object => ({
    address: `counter-terminal/{device}/${name}`,
    parameters: { device },
    messages: Object.fromEntries(names.map((each) => [each, { $ref: `#/components/messages/${each}` }])),
  });
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Counter terminals",
      version: "1.0.0",
      description:
        "Topics and payloads between terminals and the hall over MQTT 3.1.1. PROTOCOL.md says what they mean, and what `mac` is. Made by firmware/hall/asyncapi.ts.",
      license: { name: "MIT" },
    },
    servers: { hall: { host: "broker.example:1883", protocol: "mqtt", protocolVersion: "3.1.1", description: "The hall's broker." } },
    channels: {
      ...Object.fromEntries(kinds.map((kind) => [kind, channel(kind, [kind])])),
      command: channel("command", Object.keys(DOWN)),
    },
    operations: {
      ...Object.fromEntries(
        kinds.map((kind) => [
          kind,
          {
            action: "send",
            channel: { $ref: `#/channels/${kind}` },
            summary: UP[kind],
            bindings: { mqtt: { qos: 1, retain: kind === "status" } },
          },
        ]),
      ),
      command: {
        action: "receive",
        channel: { $ref: "#/channels/command" },
        summary: "QoS 0, so that no broker keeps a stale invite: who commands repeats by id until the answer comes.",
        bindings: { mqtt: { qos: 0, retain: false } },
      },
    },
    components: {
      messages,
      schemas: {
        signedText: schemaOf(signedTextSchema),
        acknowledgement: schemaOf(acknowledgementSchema),
        recordFrame: schemaOf(RECORD_FRAME_SCHEMA),
        ...Object.fromEntries(
          Object.entries(RECORD_SCHEMAS).map(([type, schema]) => [`record-${type}`, { allOf: [referTo("recordFrame"), schemaOf(schema)] }]),
        ),
      },
    },
  };
}

/** The content of the file in the repository. */
export function asyncApiText(): string {
  return stringify(asyncApiDocument(), { lineWidth: 150, aliasDuplicateObjects: false });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(asyncApiText());
