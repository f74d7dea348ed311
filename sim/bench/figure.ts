// One line of the bench: a figure and its budget.

export interface Figure {
  /** Its name, in a few words. */
  readonly what: string;
  /** Its unit. */
  readonly unit: string;
  /** Undefined: it was not measured, and `note` has the reason. */
  readonly measured: number | undefined;
  /** Absent in a line that only explains another. */
  readonly budget?: number;
  /** Whether the budget is a minimum. Default: a maximum. */
  readonly isLeast?: boolean;
  /** Whether it depends on the speed and the load of this machine. Then it never counts as a failure. */
  readonly isTimed?: boolean;
  /** The meaning of the number, or the reason why there is none. */
  readonly note?: string;
}

export type Verdict = "ok" | "over" | "under" | "not measured" | "no budget";

/** The verdict on a figure. `over`: more than its budget. `under`: less than its minimum. */
export function verdictOf(figure: Figure): Verdict {
  if (figure.measured === undefined) return "not measured";
  if (figure.budget === undefined) return "no budget";
  if (figure.isLeast) return figure.measured < figure.budget ? "under" : "ok";
  return figure.measured > figure.budget ? "over" : "ok";
}

/** Whether the bench fails because of this figure. */
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

/** A number in groups of three digits. @param decimals most digits behind the point */
export function inGroups(number: number, decimals = 0): string {
  return number.toLocaleString("en-GB", { maximumFractionDigits: decimals }).replaceAll(",", " ");
}
