// The host of a scenario. It keeps and checks the lines that it receives, and sends the messages of the steps. Without a step it only answers a hello, with
// its newest acknowledgement.

import { createHash } from "node:crypto";
import { type LedgerRecord, type RecordHead, readRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import { decodeLine, encodeLine } from "../../firmware/uplink/codec.js";
import type { CommandId, SignedCommand } from "../../firmware/uplink/messages.js";
import { crc32 } from "../world/native.js";
import { Signer } from "../world/signer.js";
import type { World } from "../world/world.js";
import type { HostSays, Replacement } from "./scenario.js";

/** Time until the host answers a hello, in ms. */
const ANSWER_MS = 20;

export interface ScenarioHost {
  /** All messages so far. Their `record` is a record with its fields by name. */
  messages(): readonly Readonly<Record<string, unknown>>[];
  /** The newest record of a log that the host has received, or undefined. */
  headOf(log: number | undefined): RecordHead | undefined;
  /** The faults of the lines that were received since the last call, as sentences. */
  takeProblems(): string[];
  /** Sends a message. @returns the reason why it cannot, or undefined */
  say(says: HostSays): string | undefined;
}

/** The device key of another terminal. */
const ANOTHER_KEY = Buffer.alloc(32, 1);

/** Number of bytes of a file in one message. Its line has room for so many in Base64. */
const PIECE_BYTES = 288;

/**
 * @param startMs time of the host's clock when the scenario begins, in ms since 1970
 * @param makeFile makes the file that is to replace a file of the terminal
 */
export function createScenarioHost(
  world: World,
  startMs: number | undefined,
  makeFile: (replacement: Replacement) => { readonly name: string; readonly bytes: Buffer },
): ScenarioHost {
  const received: Record<string, unknown>[] = [];
  /** Records by their text on the link: a terminal sends each again until it is acknowledged. */
  const records = new Map<string, LedgerRecord>();
  const signer = new Signer();
  const problems: string[] = [];
  /** Sequence numbers of the records that arrived, for each log. */
  const numbers = new Map<number, Set<number>>();
  const heads = new Map<number, RecordHead>();
  let log: number | undefined;
  let lines = 0;
  let lastId = 0;
  /** The number that was acknowledged last. */
  let acknowledged: number | undefined;

  world.onTrace((line) => {
    if (!("sent" in line) || !line.sent.startsWith('{"hello"') || acknowledged === undefined) return;
    const upTo = acknowledged;
    world.clock.at(world.clock.nowMs + ANSWER_MS, () => {
      messages();
      world.sendFromHost(encodeLine(signer.acknowledgement(upTo), crc32));
    });
  });

  function messages(): readonly Record<string, unknown>[] {
    for (; lines < world.sentLines.length; lines++) receive(world.sentLines[lines] as string);
    return received;
  }

  function receive(line: string): void {
    const message = decodeLine(line, crc32);
    if (!message) {
      problems.push(`the terminal sent a line that is no message, or its CRC is wrong: ${line}`);
      return;
    }
    if (typeof message.log === "number") log = message.log;
    signer.hear(message);
    if (log !== undefined && typeof message.seq === "number") {
      const known = numbers.get(log) ?? new Set();
      numbers.set(log, known.add(message.seq));
    }
    if (typeof message.record === "string") {
      try {
        const record = records.get(message.record) ?? readRecord(Buffer.from(message.record, "base64"));
        records.set(message.record, record);
        message.record = record;
        if (log !== undefined && record.sequence > (heads.get(log)?.sequence ?? 0)) heads.set(log, record);
      } catch (error) {
        problems.push(`record ${String(message.seq)} on the link: ${(error as Error).message}`);
      }
    }
    received.push(message);
  }

  function command(fields: object): void {
    lastId++;
    world.sendFromHost(encodeLine({ id: lastId, ...fields }, crc32));
  }

  /** @param key of the signature. Another key than the terminal's forges it */
  function sign({ id, n, start, ...command }: Readonly<Record<string, unknown>>, key?: Uint8Array): void {
    messages();
    const place = { ...signer.next(), ...(n === undefined ? {} : { n: n as number }), ...(start === undefined ? {} : { start: start as number }) };
    world.sendFromHost(encodeLine(signer.sign(command as unknown as SignedCommand, id as CommandId, place, key), crc32));
  }

  function acknowledge(which: number | "all"): string | undefined {
    messages();
    if (log === undefined) return "the host does not know the log yet: nothing has arrived";
    let upTo = 0;
    if (which === "all") while (numbers.get(log)?.has(upTo + 1)) upTo++;
    else upTo = which;
    if (upTo === 0) return "the host has received no record that it could acknowledge";
    acknowledged = upTo;
    world.sendFromHost(encodeLine(signer.acknowledgement(upTo), crc32));
    return undefined;
  }

  function replace(replacement: Replacement): void {
    const { name, bytes } = makeFile(replacement);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    sign({ id: ++lastId, do: "replace", what: name, bytes: bytes.length, sha256, by: "admin" });
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      command({ do: "piece", at, data: bytes.subarray(at, at + PIECE_BYTES).toString("base64") });
    }
    command({ do: "commit" });
  }

  return {
    messages,
    headOf(logId) {
      messages();
      return logId === undefined ? undefined : heads.get(logId);
    },
    takeProblems: () => problems.splice(0),
    say(says) {
      if (says.invite !== undefined) command({ do: "invite", transaction: says.invite });
      else if (says.time === "now") sign({ id: ++lastId, do: "time", unix: Math.floor(((startMs ?? 0) + world.clock.nowMs) / 1000) });
      else if (says.time !== undefined) sign({ id: ++lastId, do: "time", unix: Math.floor(says.time / 1000) });
      else if (says.acknowledge !== undefined) return acknowledge(says.acknowledge);
      else if (says.replace !== undefined) replace(says.replace);
      else if (says.raw !== undefined) world.sendFromHost(says.raw);
      else if (says.signed !== undefined) sign(says.signed);
      else if (says.forged !== undefined) sign(says.forged, ANOTHER_KEY);
      else if (says.message !== undefined) world.sendFromHost(encodeLine(says.message, crc32));
      return undefined;
    },
  };
}
