// Finds pages that were in use and are erased although their turn had not come. The ring erases one page alone, the one that it takes next.

/** A page of the ring as it was found. */
export interface FoundPage {
  /** Its order; undefined where it is not in use. */
  readonly order: number | undefined;
  /** What it is where it is not in use: erased, out of use because it failed, or anything else. */
  readonly rest: "erased" | "failed" | "other";
}

/** What was erased too early. */
export interface ErasedEarly {
  readonly pages: readonly number[];
  /** Whether the log began in the first of these pages. */
  readonly isBeginning: boolean;
}

/**
 * Looks back from the oldest page in use: the pages before it held the records before, as far as they are not the one that the ring takes next. Pages that have
 * failed may lie between them, and are never accused.
 * @param ring its pages in their places
 */
export function erasedEarly(ring: readonly FoundPage[]): ErasedEarly {
  const used = ring.flatMap(({ order }, page) => (order === undefined ? [] : [{ order, page }])).sort((a, b) => a.order - b.order);
  const [oldest, newest] = [used[0], used[used.length - 1]];
  const pages: number[] = [];
  if (!oldest || !newest) return { pages, isBeginning: false };
  const at = (page: number): number => (page + ring.length) % ring.length;
  let next = at(newest.page + 1);
  while (next !== newest.page && ring[next]?.order === undefined && ring[next]?.rest !== "erased") next = at(next + 1);
  let isOnly = true;
  let order = oldest.order - 1;
  for (let page = at(oldest.page - 1); order > 0 && page !== next && ring[page]?.order === undefined; page = at(page - 1)) {
    const { rest } = ring[page] as FoundPage;
    if (rest === "erased") pages.unshift(page);
    else if (rest === "other") isOnly = false;
    if (rest !== "failed") order--;
  }
  return { pages, isBeginning: isOnly && order === 0 && pages.length > 0 };
}
