// The ways to terminals: which terminal is at the end of which, and which records each way has brought.

import type { Peer } from "../../tools/link/source.js";
import { SequenceTracker } from "./sequence-tracker.js";

/** Most logs that one way brings records of: a topic is shared by all boards that have its name. */
const MOST_DELIVERIES = 8;

/** The records of one log that one way has brought since a start of the terminal. Nothing else is acknowledged on it, whoever else has sent under this name. */
export interface Delivery {
  readonly device: string;
  readonly log: number;
  /** Names the terminal's start, for acknowledgements. */
  readonly start: number;
  /** Records that have come, and are stored just as they came. Up to -1: nobody knows yet which the terminal has let go before. */
  readonly brought: SequenceTracker;
}

/** A way that something has come on. */
export interface Connection {
  readonly peer: Peer;
  /** The terminal at its end, as far as it is known. */
  device: string | undefined;
  /** By name of the log, the newest last. */
  readonly deliveries: Map<number, Delivery>;
  /** It has sent something before it said who it is. */
  isNameless: boolean;
  /** Messages that were refused since that was last told, and when it was, in ms since 1970 UTC. */
  refused: number;
  refusedAtMs: number;
}

export class Connections {
  private readonly byPeer = new Map<Peer, Connection>();
  /** The way on which each terminal is reached. */
  private readonly routes = new Map<string, Peer>();
  /** Ways that have ended and are not forgotten yet. */
  private readonly ended = new Set<Peer>();

  /** The connection of a way; a new one where it is the first time. */
  of(peer: Peer): Connection {
    let connection = this.byPeer.get(peer);
    if (!connection) {
      connection = { peer, device: peer.device, deliveries: new Map(), isNameless: false, refused: 0, refusedAtMs: 0 };
      this.byPeer.set(peer, connection);
    }
    return connection;
  }

  /** What a way has brought of a log since a start of the terminal. @param start that of a hello; undefined: of any start */
  delivery({ deliveries }: Connection, device: string, log: number, start?: number): Delivery | undefined {
    const delivery = deliveries.get(log);
    return delivery?.device === device && (start === undefined || start === delivery.start) ? delivery : undefined;
  }

  /** A terminal has started, or is heard on another way: what it sends from now on counts. */
  beginDelivery({ deliveries }: Connection, device: string, log: number, start: number): Delivery {
    const delivery: Delivery = { device, log, start, brought: new SequenceTracker(-1) };
    deliveries.delete(log);
    deliveries.set(log, delivery);
    const [oldest] = deliveries.keys();
    if (deliveries.size > MOST_DELIVERIES && oldest !== undefined) deliveries.delete(oldest);
    return delivery;
  }

  /** The terminal at the end of a way, as far as it is known. */
  deviceAt(peer: Peer): string | undefined {
    return this.byPeer.get(peer)?.device;
  }

  /** Whether there is a way to this terminal. */
  has(device: string): boolean {
    return this.routes.has(device);
  }

  isRoute(device: string, peer: Peer): boolean {
    return this.routes.get(device) === peer;
  }

  /** Terminals that are connected now. */
  devices(): string[] {
    return [...this.routes.keys()];
  }

  /** Reaches a terminal on this way from now on. */
  route(device: string, peer: Peer): void {
    this.routes.set(device, peer);
  }

  /** There is no way to a terminal any more. */
  unroute(device: string): void {
    this.routes.delete(device);
  }

  /** Puts a text on the way to a terminal. It may get lost. */
  send(device: string, text: string): void {
    this.routes.get(device)?.send(text);
  }

  /** A way has ended. It is forgotten behind the messages that it has brought. */
  end(peer: Peer): void {
    this.ended.add(peer);
  }

  /** Forgets a way. @returns the terminal that was reached on it, and now on none */
  drop(peer: Peer): string | undefined {
    const device = this.deviceAt(peer);
    this.byPeer.delete(peer);
    this.ended.delete(peer);
    if (device === undefined || !this.isRoute(device, peer)) return undefined;
    this.routes.delete(device);
    return device;
  }

  /** Forgets every way that has ended. */
  dropEnded(): void {
    for (const peer of [...this.ended]) this.drop(peer);
  }
}
