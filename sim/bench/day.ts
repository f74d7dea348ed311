// The day at a counter that all figures use: a clerk badges in, citizens are asked and press, the host acknowledges their records, the clerk badges out.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DisplaySize } from "../../firmware/display/layouts.js";
import { parseSite, type StoreFiles, storeFiles } from "../../firmware/tools/provision/site.js";
import { encodeLine } from "../../firmware/uplink/codec.js";
import type { KeyName } from "../../hal/keys.js";
import { crc32 } from "../world/native.js";
import { Signer } from "../world/signer.js";
import { SIMULATED_KEY } from "../world/simulated-key.js";
import type { World } from "../world/world.js";

/** Length of the day, in ms: nine hours. */
export const DAY_MS = 9 * 3600 * 1000;
/** Number of sessions in a day of the budgets. */
export const DAY_SESSIONS = 200;
/** Time from the beginning of the day until the clerk has badged in, and from the badging out to its end, in ms. */
export const EDGE_MS = 60_000;
/** Shortest time from the beginning of one session to the next, in ms. */
export const SESSION_MS = 12_000;

const CITIZEN_KEYS: readonly KeyName[] = ["key1", "key2", "key3", "key4", "key5"];
const SITE = fileURLToPath(new URL("../site.yaml", import.meta.url));
/** A clerk of the sample site, with a staff number of the usual five digits. */
export const CLERK_BADGE = "W26:2C4D5E";

/** The store files of the sample site's first terminal. @param size of its display @param badge the clerk's badge, as its reader reports it */
export function sampleFiles(size?: DisplaySize | null, badge = CLERK_BADGE): StoreFiles {
  const site = parseSite(readFileSync(SITE, "utf8"), SITE);
  const people = site.people.map((person) => (person.badge === CLERK_BADGE ? { ...person, badge } : person));
  return storeFiles(site.counters[0] ?? {}, { ...site, people }, SIMULATED_KEY, size);
}

/** A host that acknowledges records. It listens to the cable itself, so that the world need not keep a trace. */
export class AcknowledgingHost {
  private readonly signer = new Signer();
  private received = 0;
  private acknowledged = 0;
  /** The newest acknowledgement, which answers every hello of a start until there are new records. */
  private newest = { start: -1, sequence: 0, line: "" };

  constructor(private readonly world: World) {
    const receiveLine = world.receiveLine.bind(world);
    world.receiveLine = (line) => {
      this.hear(line);
      receiveLine(line);
    };
  }

  /** @throws Error when fewer records have arrived, because the figures would not be those of a day */
  requireRecords(least: number): void {
    if (this.received < least) throw new Error(`only ${this.received} records arrived at the host, not ${least}: the sessions did not take place`);
  }

  /** Acknowledges the records that have arrived. Call it outside of the firmware's calls. */
  acknowledge(): void {
    if (this.acknowledged === this.received) return;
    this.acknowledged = this.received;
    this.world.sendFromHost(this.acknowledgement());
  }

  /** Asks for a rating. @param transaction at most 16 characters */
  invite(transaction: string): void {
    this.world.sendFromHost(encodeLine({ id: transaction, do: "invite", transaction }, crc32));
  }

  /** Answers a hello, with an acknowledgement. */
  private answerHello(): void {
    const { world } = this;
    world.clock.at(world.clock.nowMs + 20, () => {
      if (this.received > 0) world.sendFromHost(this.acknowledgement());
    });
  }

  private acknowledgement(): string {
    const { signer, received: sequence } = this;
    const { start } = signer.next();
    if (this.newest.start !== start || this.newest.sequence !== sequence) {
      this.newest = { start, sequence, line: encodeLine(signer.acknowledgement(sequence), crc32) };
    }
    return this.newest.line;
  }

  /** Takes the record's number from a line. Whether lines are right, the tests check. */
  private hear(line: string): void {
    if (line.startsWith('{"hello"')) {
      this.signer.hear(JSON.parse(line.slice(0, line.lastIndexOf("*"))) as Record<string, unknown>);
      this.answerHello();
    }
    const match = /^\{"log":\d+,"seq":(\d+),/.exec(line);
    if (match) this.received = Number(match[1]);
  }
}

/** The clerk badges in. The terminal has power. */
export function signIn(world: World, host: AcknowledgingHost): void {
  pass(world, 2000);
  host.acknowledge();
  world.presentBadge(CLERK_BADGE);
  pass(world, 2000);
  host.acknowledge();
}

/** One session, from the host's invite to the end of the thanks. It takes 9 s. @param number of the session in the day */
export function playSession(world: World, host: AcknowledgingHost, number: number): void {
  beginSession(world, host, number);
  press(world, number, 150);
  endSession(world, host, number);
}

/** From the host's invite until the citizen presses. */
export function beginSession(world: World, host: AcknowledgingHost, number: number): void {
  host.invite(`T-${String(100_000 + number)}`);
  pass(world, 4000);
}

/** The citizen's key goes down. @param ms for how long the world goes on then */
export function press(world: World, number: number, ms: number): void {
  world.setKey(keyOf(number), true);
  pass(world, ms);
}

/** From letting the key go to the end of the thanks. */
export function endSession(world: World, host: AcknowledgingHost, number: number): void {
  world.setKey(keyOf(number), false);
  pass(world, 850);
  host.acknowledge();
  pass(world, 4000);
}

function keyOf(number: number): KeyName {
  return CITIZEN_KEYS[number % CITIZEN_KEYS.length] as KeyName;
}

/** Plays a whole day in a world without power. @param sessions their number, evenly over the day */
export function playDay(world: World, host: AcknowledgingHost, sessions: number): void {
  const beginMs = world.clock.nowMs;
  world.powerOn();
  signIn(world, host);
  for (let i = 0; i < sessions; i++) {
    world.advanceTo(beginMs + ((i + 0.5) * DAY_MS) / sessions);
    playSession(world, host, i);
  }
  world.advanceTo(beginMs + DAY_MS - EDGE_MS);
  world.presentBadge(CLERK_BADGE);
  world.advanceTo(beginMs + DAY_MS);
  host.acknowledge();
  // The start, the sign-in and the sign-out have records too.
  host.requireRecords(sessions + 3);
  world.powerOff();
}

function pass(world: World, ms: number): void {
  world.advanceTo(world.clock.nowMs + ms);
}
