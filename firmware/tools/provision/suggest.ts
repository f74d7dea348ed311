// Finds the word that somebody meant and mistyped.

/** The word of `known` that is most like `word`, or undefined when none is. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const tolerated = Math.max(2, Math.ceil(word.length / 3));
  const ranked = known.map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= tolerated ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** "did you mean" with the nearest word, and all words. */
export function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near ? `did you mean "${near}"? Known are ${known.join(", ")}` : `known are ${known.join(", ")}`;
}
