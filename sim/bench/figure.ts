// One line of the bench: what was measured, and the budget that it stands beside.

export interface Figure {
  /** What was measured, in a few words. */
  readonly what: string;
  /** What is counted. */
  readonly unit: string;
  /** Undefined: not measured, and `note` says why. */
  readonly measured: number | undefined;
  /** Absent where the line only explains another. */
  readonly budget?: number;
  /** The budget is the least, not the most. */
  readonly isLeast?: boolean;
  /** Depends on how fast and how busy this machine is: it is flagged, and never counts as a failure. */
  readonly isTimed?: boolean;
  /** What the number means, or why there is none. */
  readonly note?: string;
}

export type Verdict = "ok" | "over" | "under" | "not measured" | "no budget";

/** What to say of a figure. `over`: more than its budget. `under`: less than the least. */
export function verdictOf(figure: Figure): Verdict {
  if (figure.measured === undefined) return "not measured";
  if (figure.budget === undefined) return "no budget";
  if (figure.isLeast) return figure.measured < figure.budget ? "under" : "ok";
  return figure.measured > figure.budget ? "over" : "ok";
}

/** Whether the bench has failed because of this figure. */
export function isFailure(figure: Figure): boolean {
  const verdict = verdictOf(figure);
  return !figure.isTimed && (verdict === "over" || verdict === "under");
}

/** The figures as lines of text in columns. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const verdict = verdictOf(figure);
    return {
      cells: [
        figure.what,
        textOf(figure.measured),
        figure.budget === undefined ? "" : `${figure.isLeast ? "≥" : "≤"} ${textOf(figure.budget)}`,
        figure.unit,
      ],
      end: [verdict === "no budget" ? "" : verdict.padEnd(4), figure.note && (verdict === "not measured" ? `(${figure.note})` : figure.note)],
    };
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map(({ cells }) => (cells[column] as string).length)));
  return rows
    .map(({ cells, end }) => {
      const columns = cells.map((cell, i) => (i === 1 || i === 2 ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)));
      return [...columns, ...end.map((part) => part ?? "")].join("  ").trimEnd();
    })
    .join("\n");
}

function textOf(number: number | undefined): string {
  if (number === undefined) return "-";
  return inGroups(number, number < 1000 ? 1 : 0);
}

/** A number in groups of three digits. @param decimals digits after the point, at most */
export function inGroups(number: number, decimals = 0): string {
  return number.toLocaleString("en-GB", { maximumFractionDigits: decimals }).replaceAll(",", " ");
}
