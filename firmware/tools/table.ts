// A table for people: columns as wide as their widest cell, the first one to the left and the others, which are numbers, to the right.

/** @param rows of the same length, the heads first */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")).join("\n");
}
