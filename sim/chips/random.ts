// Random numbers that are the same in every run: mulberry32 (Tommy Ettinger, public domain).

/** @returns a source of whole numbers below 2^32. Each pair of parameters gives other numbers. */
export function randomFrom(seed: number, salt: number): () => number {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
