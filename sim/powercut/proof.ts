// The result of a proof: the number of points by ring and by model of the cut, and the points that failed.

import type { Ring } from "./geometries.js";

/** The points of one model on one ring. */
export interface Tally {
  readonly part: "ledger" | "again" | "slots" | "terminal";
  readonly ring: string;
  /** A model of `cut-models.ts`. */
  readonly model: string;
  points: number;
  losses: number;
}

/** A point that failed. */
export interface Failure {
  /** Its name, for `npm run powercut -- --only`. */
  readonly point: string;
  /** The operation that was cut. */
  readonly step: string;
  readonly problem: string;
}

export interface Proof {
  readonly tallies: readonly Tally[];
  readonly failures: readonly Failure[];
  /** Number of different contents of flash. Each is examined once. */
  readonly images: number;
  /** Number of points at which a begun session has left no record. Nobody was thanked for it. See FORMAT.md. */
  readonly begunLost: number;
}

/** A part of the points, spread evenly over all of them: every operation has some of its cuts in it, and each model its turn. */
export class Sample {
  private points = 0;

  /** @param oneIn one point in so many is tried; 1 is all of them */
  constructor(private readonly oneIn = 1) {}

  /** Whether the next point is tried. */
  takesNext(): boolean {
    return this.points++ % this.oneIn === 0;
  }

  of<Point>(points: readonly Point[]): readonly Point[] {
    return points.filter(() => this.takesNext());
  }
}

/** Is called with the progress of a proof. */
export type OnProgress = (ring: Ring, operation: number, operations: number) => void;

/** Number of failures of one proof that are kept. */
const MOST_FAILURES = 100;

/** Counts the points of a proof. */
export class Counting {
  private readonly tallies = new Map<string, Tally>();
  private readonly failures: Failure[] = [];
  images = 0;
  begunLost = 0;

  constructor(private readonly part: Tally["part"]) {}

  count(ring: Ring, model: string, isLoss: boolean): void {
    const key = `${ring.name} ${model}`;
    const tally = this.tallies.get(key) ?? { part: this.part, ring: ring.name, model, points: 0, losses: 0 };
    this.tallies.set(key, tally);
    tally.points++;
    if (isLoss) tally.losses++;
  }

  fail(failure: Failure): void {
    if (this.failures.length < MOST_FAILURES) this.failures.push(failure);
  }

  proof(): Proof {
    return { tallies: [...this.tallies.values()], failures: this.failures, images: this.images, begunLost: this.begunLost };
  }
}

export function joinProofs(proofs: readonly Proof[]): Proof {
  return {
    tallies: proofs.flatMap(({ tallies }) => tallies),
    failures: proofs.flatMap(({ failures }) => failures),
    images: proofs.reduce((sum, { images }) => sum + images, 0),
    begunLost: proofs.reduce((sum, { begunLost }) => sum + begunLost, 0),
  };
}

export function pointsOf({ tallies }: Proof): number {
  return tallies.reduce((sum, { points }) => sum + points, 0);
}

export function lossesOf({ tallies }: Proof): number {
  return tallies.reduce((sum, { losses }) => sum + losses, 0);
}

/** The tallies and their total, in columns. */
export function proofTable(proof: Proof): string {
  const rows = [
    ["part", "ring", "model", "points", "losses"],
    ...proof.tallies.map(({ part, ring, model, points, losses }) => [part, ring, model, `${points}`, `${losses}`]),
    ["total", "", "", `${pointsOf(proof)}`, `${lossesOf(proof)}`],
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows
    .map((row) => row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join("  "))
    .join("\n");
}
