// How many connections a listener holds, so that strangers cannot keep terminals out. A connection is a stranger's until the terminal at its end has proven itself.
// When there are too many, a stranger is dropped and never the newcomer: a terminal proves itself within its first message, and a stranger never does.

export interface ConnectionLimits {
  /** Most connections of strangers from one address. Of terminals that have proven themselves there may be more: one address may hide a whole hall. */
  readonly perAddress: number;
  /** Most connections in all. */
  readonly inAll: number;
  /** A connection on which nobody has proven himself for so long is dropped, in ms. */
  readonly strangerMs: number;
  /** A proven one on which nothing has moved for so long is dropped, in ms. */
  readonly silentMs: number;
}

export const DEFAULT_LIMITS: ConnectionLimits = { perAddress: 64, inAll: 512, strangerMs: 30_000, silentMs: 3_600_000 };

/** A connection, for whoever counts them. */
export interface Guest {
  readonly address: string;
  /** Ends the connection. @param isProven it is a terminal's, for which there is no room */
  drop(isProven: boolean): void;
}

export interface Door {
  /** A connection has come. Drops others where there are too many. */
  enter(guest: Guest): void;
  /** The terminal at its end has proven itself. */
  prove(guest: Guest): void;
  /** Something has come on a proven connection. */
  touch(guest: Guest): void;
  leave(guest: Guest): void;
}

export function createDoor({ perAddress, inAll }: Pick<ConnectionLimits, "perAddress" | "inAll">): Door {
  /** Connections by address, the longest silent first. */
  const strangers = new Map<string, Set<Guest>>();
  const proven = new Map<string, Set<Guest>>();
  let count = 0;

  function add(to: Map<string, Set<Guest>>, guest: Guest): void {
    const guests = to.get(guest.address) ?? new Set();
    guests.add(guest);
    to.set(guest.address, guests);
  }

  function remove(from: Map<string, Set<Guest>>, guest: Guest): boolean {
    const guests = from.get(guest.address);
    if (!guests?.delete(guest)) return false;
    if (guests.size === 0) from.delete(guest.address);
    return true;
  }

  /** The first connection of the address that has most of them, strangers' before proven ones. */
  function firstOfMost(): Guest | undefined {
    for (const each of [strangers, proven]) {
      const [most] = [...each.values()].sort((one, two) => two.size - one.size);
      if (most) return most.values().next().value;
    }
    return undefined;
  }

  function leave(guest: Guest): void {
    if (remove(strangers, guest) || remove(proven, guest)) count--;
  }

  function drop(guest: Guest | undefined): void {
    if (!guest) return;
    const isProven = proven.get(guest.address)?.has(guest) === true;
    leave(guest);
    guest.drop(isProven);
  }

  return {
    enter(guest) {
      const here = strangers.get(guest.address);
      if (here && here.size >= perAddress) drop(here.values().next().value);
      else if (count >= inAll) drop(firstOfMost());
      add(strangers, guest);
      count++;
    },
    prove(guest) {
      if (remove(strangers, guest)) add(proven, guest);
    },
    touch(guest) {
      if (remove(proven, guest)) add(proven, guest);
    },
    leave,
  };
}
