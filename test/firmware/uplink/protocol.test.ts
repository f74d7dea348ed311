// Plays the conversations of PROTOCOL.md with the firmware's uplink, byte by byte, so that authors of a host can trust that page.

import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { EffectKind } from "../../../firmware/terminal/effects.js";
import { EventKind } from "../../../firmware/terminal/events.js";
import { createState } from "../../../firmware/terminal/state.js";
import { step } from "../../../firmware/terminal/step.js";
import { ERROR_SENTENCES, sentenceOf } from "../../../firmware/tools/link/error-codes.js";
import { signAcknowledgement, signCommand } from "../../../firmware/tools/link/signing.js";
import { parseConfig } from "../../../firmware/tools/provision/config-schema.js";
import { storedConfig } from "../../../firmware/tools/provision/stored-config.js";
import { decodeLine, encodeLine, lineOf, textOf } from "../../../firmware/uplink/codec.js";
import { createGuard } from "../../../firmware/uplink/command-authentication.js";
import type { Acknowledgement, SignedCommand, SignedText } from "../../../firmware/uplink/messages.js";
import { startUplink } from "../../../firmware/uplink/uplink.js";
import type { Hal } from "../../../hal/hal.js";
import type { LinkListener } from "../../../hal/link.js";
import { flashOver, NorFlash } from "../../../sim/chips/nor-flash.js";
import { sha256, toBase64, toBytes } from "../../../sim/world/native.js";
import { openSimulatedLedger, SIMULATED_KEY } from "../../../sim/world/simulated-key.js";
import { CLERK } from "../clerk.js";

const PROTOCOL = readFileSync(new URL("../../../firmware/uplink/PROTOCOL.md", import.meta.url), "utf8");
const crcOf = (data: string | Uint8Array): number => crc32(typeof data === "string" ? Buffer.from(data, "latin1") : data);

const conversations = [...PROTOCOL.matchAll(/```conversation\n([\s\S]*?)```/g)].map((match) => (match[1] as string).trim().split("\n"));

/** A terminal with a clerk on duty. The firmware answers commands. The events in brackets write its records. */
function createTerminal(): { happen(what: string): void; hear(line: string): void; takeSent(): string[] } {
  const chip = new NorFlash({ pageBytes: 4096, pageCount: 2, alignBytes: 4 }, () => undefined);
  const sent: string[] = [];
  let listener: LinkListener | undefined;
  let nowMs = 0;
  const state = createState(storedConfig(parseConfig({ version: 1, device: "sim-08", counter: "8" })));
  state.clerk = CLERK;
  const hal = {
    clock: { nowMs: () => nowMs },
    crc32: crcOf,
    sha256,
    toBytes,
    toBase64,
    random32: () => 4096,
    link: {
      start(_: string, given: LinkListener) {
        listener = given;
      },
      send(_kind: string, text: string) {
        sent.push(lineOf(text, crcOf));
        return "sent" as const;
      },
    },
  } as unknown as Hal;
  const ledger = openSimulatedLedger(flashOver(chip), () => 3777279546);
  const uplink = startUplink({
    hal,
    config: { device: "sim-08", host: "", wifi: [] },
    lostMs: 60000,
    ledger,
    identity: { device: "sim-08", counter: "8", firmware: "0.1.0", config: 1 },
    guard: createGuard(hal, ledger, true, (type, fields, atMs) => ledger.append(type, atMs, 0, JSON.stringify(fields).slice(1, -1)) === "ok"),
    onCommand(command, atMs) {
      step(state, { kind: EventKind.Commanded, command, atMs });
      return state.result;
    },
    onAcknowledged: () => undefined,
    onLost: () => undefined,
    onHeard: () => uplink.pump(nowMs),
  });
  const happenings: Readonly<Record<string, () => void>> = {
    "the terminal has no record, and the link comes up": () => listener?.onState(true, ""),
    "the terminal has one record, and the link comes up"() {
      ledger.append(2, 1050, 0, '"1024","W26:1A2B3C",""');
      listener?.onState(true, "");
    },
    "the citizen presses, and the record is in flash"() {
      ledger.append(4, 3060, Date.parse("2026-03-02T00:30:03Z") / 1000, '"1024","T-2041",0,5,1000');
      uplink.pump(nowMs);
    },
    "5 s pass without an acknowledgement": () => letPass(),
    "5 s pass": () => letPass(),
    "the clerk signs out"() {
      step(state, { kind: EventKind.Commanded, command: { do: "signOut" }, atMs: nowMs });
    },
    "the pause has lasted 10 min"() {
      nowMs += 600_000;
      for (const effect of step(state, { kind: EventKind.Woke, atMs: nowMs })) {
        if (effect.kind === EffectKind.Alert) uplink.tell("alert", { alert: effect.alert, detail: effect.detail });
      }
    },
  };
  function letPass(): void {
    nowMs += 5000;
    uplink.pump(nowMs);
  }
  return {
    happen(what) {
      const act = happenings[what];
      if (!act) throw new Error(`this test does not know what to do when "${what}"`);
      act();
    },
    hear(line) {
      const text = textOf(line, crcOf);
      if (text) listener?.onMessage(text);
    },
    takeSent: () => sent.splice(0),
  };
}

describe("PROTOCOL.md", () => {
  it.each(conversations.map((lines, i) => [i + 1, lines] as const))("has conversation %i as the firmware leads it", (_, lines) => {
    const terminal = createTerminal();
    let sent: string[] = [];
    for (const line of lines) {
      if (line.startsWith("<")) {
        expect(sent.shift()).toBe(line.slice(2));
        continue;
      }
      expect(sent).toEqual([]);
      if (line.startsWith(">")) terminal.hear(line.slice(2));
      else terminal.happen(line.slice(1, -1));
      sent = terminal.takeSent();
    }
    expect(sent).toEqual([]);
  });

  it("has every command of the firmware", () => {
    const source = readFileSync(new URL("../../../firmware/terminal/commands.ts", import.meta.url), "utf8");
    const commands = [...source.matchAll(/what === "(\w+)"/g)].map((match) => match[1] as string);
    expect(commands.length).toBeGreaterThan(10);
    for (const command of [...commands, "acknowledge", "resend", "restart", "replace", "piece", "commit", "totals"])
      expect(PROTOCOL).toMatch(new RegExp(`\\n\\| \`${command}\`( \\*)? \\|`));
  });

  it("has lines whose CRC is right, but for those that show a wrong one", () => {
    const lines = conversations
      .slice(0, -1)
      .flat()
      .filter((line) => /^[<>] /.test(line));
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) {
      const message = decodeLine(line.slice(2), crcOf);
      expect(message, line).toBeDefined();
      expect(encodeLine(message as object, crcOf)).toBe(line.slice(2));
    }
    // These examples are not played with the firmware, or go only one way.
    const examples = [...PROTOCOL.matchAll(/^[<>] (\{.*)$/gm)]
      .map((match) => match[1] as string)
      .filter((line) => line.includes("signed") || line.includes("status"));
    expect(examples.length).toBeGreaterThan(3);
    for (const line of examples) expect(decodeLine(line, crcOf), line).toBeDefined();
    const example = / {4}(\{.*)/.exec(PROTOCOL)?.[1] as string;
    expect(decodeLine(example, crcOf)).toEqual({ id: 1, do: "waiting", count: 2 });
  });

  it("has signed examples whose MAC is right, as the receiver makes them", () => {
    const key = Buffer.from(/device key of the examples is\n`([0-9A-F]{64})`/.exec(PROTOCOL)?.[1] as string, "hex");
    expect(key).toEqual(SIMULATED_KEY);
    const envelopes = [...PROTOCOL.matchAll(/^> (\{.*"signed".*)$/gm)].map(
      (match) => decodeLine(match[1] as string, crcOf) as Record<string, unknown>,
    );
    expect(envelopes.length).toBeGreaterThan(1);
    const right = envelopes.filter(({ signed: text, mac }) => mac === createHmac("sha256", key).update(`command:${text}`).digest("base64"));
    expect(right.length).toBe(envelopes.length - 1);
    for (const { id, signed: text, mac } of right) {
      const acknowledged = JSON.parse(text as string) as Acknowledgement;
      if (acknowledged.do === "acknowledge") {
        const made = signAcknowledgement(key, acknowledged.start, acknowledged.seq);
        expect(id === undefined ? made : { id, ...made }).toEqual(id === undefined ? { signed: text, mac } : { id, signed: text, mac });
        continue;
      }
      const { n, start, ...command } = JSON.parse(text as string) as SignedText;
      expect(signCommand(key, { start, n }, command as SignedCommand, id as number)).toEqual({ id, signed: text, mac });
    }
  });

  it("has every error with its sentence, and the firmware no other", () => {
    for (const [code, sentence] of Object.entries(ERROR_SENTENCES)) expect(PROTOCOL).toContain(`\n| \`${code}\` | ${sentence} |`);
    const folder = new URL("../../../firmware/", import.meta.url);
    const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
    const rules = readdirSync(new URL("terminal/", folder)).map((name) => read(`terminal/${name}`));
    const asks = ["app/host-commands.ts", "config/slots.ts", "config/no-slots.ts", "display/screen.ts"].map(read);
    const codes = [
      ...[...rules, read("uplink/uplink.ts")].join("\n").matchAll(/ result\b[^=;\n]* = "(\w+)"|setResult\(state, "(\w+)"|refusal = "(\w+)"/g),
      ...read("uplink/command-authentication.ts").matchAll(/error = "(\w+)"|: "(ledger)"/g),
      ...asks.join("\n").matchAll(/return "(\w+)"|\? "(noSlots|missingGlyph)"/g),
      ...read("ledger/totals.ts").matchAll(/(?<=\?|:) "(gone|voided)"/g),
    ].map(([, ...found]) => found.find((code) => code !== undefined) as string);
    for (const known of ["notServing", "otherStart", "notBegun", "noSlots", "gone", "voided", "missingGlyph", "unsigned", "badMac", "ledger", "busy"])
      expect(codes).toContain(known);
    for (const code of codes) if (code !== "ok" && code !== "restart") expect(Object.keys(ERROR_SENTENCES)).toContain(code);
    expect(sentenceOf("bad reason")).toContain("reason");
    expect(sentenceOf("roster: damaged")).toContain("does not hold: roster: damaged");
  });
});
