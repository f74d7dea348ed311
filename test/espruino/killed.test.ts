// Power cuts on a real interpreter: its process is killed at random moments while it serves, again and again, and its flash file is kept.
// KILLS is how often, KILL_SEED repeats a run as far as real time can be repeated.

import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { board } from "../../firmware/boards/linux.js";
import { type LedgerRecord, readFlashImage, readRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import { Signer } from "../../sim/world/signer.js";
import { seedFrom } from "../seed.js";
import { createLinuxTerminal, type LinuxTerminal, signIn, until, whyNoTerminal } from "./linux-terminal.js";

const KILLS = Number(process.env.KILLS ?? 200);
const SEED = seedFrom("KILL_SEED");
/** After the terminal has said hello it is killed within so long. */
const MOST_MS = 500;

const why = whyNoTerminal();
if (why) console.warn(`SKIPPED killing the real interpreter: ${why}`);

let terminal: LinuxTerminal | undefined;
afterEach(() => terminal?.close());

/** What the host's database holds: the bytes of each record, by its number. */
class Host {
  readonly stored = new Map<number, string>();
  readonly problems: string[] = [];
  /** Cards that the terminal said it has recorded. */
  readonly promised = new Set<string>();
  readonly hellos: Record<string, unknown>[] = [];
  readonly signer = new Signer();
  private log: unknown;
  private contiguous = 0;

  constructor(private readonly say: (message: object) => void) {}

  hear(message: Record<string, unknown>): void {
    this.signer.hear(message);
    if (message.hello) this.greet(message);
    else if (typeof message.answer === "string" && message.answer.startsWith("c") && message.result === "ok") this.promised.add(message.answer);
    else if (message.lost) this.problems.push(`record ${message.seq} is lost`);
    else if (typeof message.record === "string") this.store(message.seq as number, message.record);
    else if ("garbage" in message) this.problems.push(`no message: ${message.garbage}`);
  }

  private greet(message: Record<string, unknown>): void {
    this.hellos.push(message);
    this.log ??= message.log;
    if (message.log !== this.log) this.problems.push(`another log: ${message.log}`);
    const newest = Math.max(0, ...this.stored.keys());
    if ((message.last as number) < newest) this.problems.push(`the newest record is ${message.last}, and the host has ${newest}`);
    if ((message.acknowledged as number) > this.contiguous)
      this.problems.push(`acknowledged up to ${message.acknowledged}, and the host has ${this.contiguous}`);
  }

  private store(sequence: number, record: string): void {
    const before = this.stored.get(sequence);
    if (before !== undefined && before !== record) this.problems.push(`record ${sequence} is another one than before`);
    this.stored.set(sequence, record);
    while (this.stored.has(this.contiguous + 1)) this.contiguous++;
    this.say(this.signer.acknowledgement(this.contiguous));
  }

  get records(): LedgerRecord[] {
    return [...this.stored.entries()].sort(([a], [b]) => a - b).map(([, record]) => readRecord(Buffer.from(record, "base64")));
  }
}

it.skipIf(why)(`loses nothing in ${KILLS} power cuts at random moments, seed ${SEED}`, { timeout: 60_000 + KILLS * 6000 }, async () => {
  const delays = fc.sample(fc.nat(MOST_MS), { numRuns: KILLS, seed: SEED });
  const host = new Host((message) => terminal?.say(message));
  terminal = await createLinuxTerminal((message) => host.hear(message));
  const { pins } = terminal;
  terminal.powerOn();
  await until("the pause light", () => pins.read(board.pauseLamp.pin) === 1);
  await signIn(terminal, "W26:1A2B3C");
  expect(pins.read(board.pauseLamp.pin), "a clerk is on duty").toBe(0);
  terminal.kill();

  for (const [i, delayMs] of delays.entries()) {
    const hellos = host.hellos.length;
    terminal.powerOn();
    await until("the terminal to come back", () => host.hellos.length > hellos, 20_000);
    expect(pins.read(board.pauseLamp.pin), `the clerk is still on duty after ${i + 1} power cuts`).toBe(0);
    const serving = serve(terminal, host, i);
    await sleep(delayMs);
    terminal.kill();
    // What nobody hears any more does no harm.
    await serving;
  }
  const last = host.hellos.length;
  terminal.powerOn();
  await until("the terminal to come back", () => host.hellos.length > last, 20_000);
  await until("the host to have everything", () => host.stored.size >= (host.hellos.at(-1)?.last as number), 20_000);
  await sleep(300);

  expect(host.problems).toEqual([]);
  const { records } = host;
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, i) => i + 1));
  const cards = records.flatMap((record) => (record.type === "card" ? [record.transaction] : []));
  expect(new Set(cards).size, "no card is recorded twice").toBe(cards.length);
  for (const promised of host.promised) expect(cards, `card ${promised} was said to be recorded`).toContain(promised);
  const outcomes = records.flatMap((record) =>
    record.type === "session" && record.outcome !== "pending" && record.transaction ? [record.transaction] : [],
  );
  expect(new Set(outcomes).size, "no matter has two outcomes").toBe(outcomes.length);
  expect(readFlashImage(terminal.region(), board.flash).problems).toEqual([]);
  expect(terminal.log()).not.toMatch(/Uncaught|MEMORY/);
  expect(cards.length).toBeGreaterThan(KILLS / 4);
  console.info(
    `${KILLS} power cuts, seed ${SEED}: ${records.length} records, ${cards.length} cards (${host.promised.size} promised), ${outcomes.length} outcomes, nothing lost`,
  );
});

/** Cards, and a rating, as fast as they go. */
async function serve({ pins, say }: LinuxTerminal, { signer }: Host, round: number): Promise<void> {
  for (let i = 0; i < 6; i++) {
    const id = `c${round}-${i}`;
    say(signer.message({ id, do: "card", staff: "1024", transaction: id, grade: 1 + (i % 5), by: "9001" }));
    if (i === 1) say({ id: `i${round}`, do: "invite", transaction: `t${round}` });
    await sleep(40);
    if (i === 3) await pins.press(board.keys.key1, 30);
  }
}
