// The timetable of a hall: periods, breaks, and days of service, in ms since the midnight with which a life begins.

import { DAY_MS, type Life, MINUTE_MS } from "./life.js";

export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export class Timetable {
  private readonly known = new Map<number, readonly Period[] | undefined>();

  constructor(private readonly life: Life) {}

  /** The periods of a date by its number, 0 for the first one of the life; undefined where no timetable tells. */
  periods(day: number): readonly Period[] | undefined {
    if (!this.known.has(day)) this.known.set(day, this.read(day));
    return this.known.get(day);
  }

  private read(day: number): readonly Period[] | undefined {
    const { hall, date } = this.life;
    const midnight = new Date(Date.parse(`${date}T00:00:00Z`) + day * DAY_MS);
    const text = hall.exceptions[midnight.toISOString().slice(0, 10)] ?? hall.hours[(midnight.getUTCDay() + 6) % 7];
    if (text === undefined) return undefined;
    return text.split(" ").flatMap((period) => {
      if (period === "") return [];
      const [from, to] = period.split("-").map((hhmm) => day * DAY_MS + (60 * Number(hhmm.slice(0, 2)) + Number(hhmm.slice(2))) * MINUTE_MS);
      return [{ fromMs: from as number, toMs: to as number }];
    });
  }

  /**
   * The stretch of time in which service is expected and that holds this moment; undefined where none is. Without a timetable it is endless. It may have begun before
   * a midnight, and it ends at the next one at the latest.
   */
  stretch(atMs: number): Period | undefined {
    // The night belongs to the day of service before it.
    const stretches = this.stretches(this.serviceDay(atMs));
    if (!stretches) return { fromMs: -Infinity, toMs: Infinity };
    const found = stretches.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    return found && { ...found, fromMs: this.beginningOf(found) };
  }

  /** When a stretch began. Where one ends at midnight and the next one begins there, they are one. Before the life nothing counts. */
  private beginningOf({ fromMs }: Period): number {
    const before = fromMs > 0 ? this.stretches(Math.floor((fromMs - 1) / DAY_MS))?.find(({ toMs }) => toMs === fromMs) : undefined;
    return before ? this.beginningOf(before) : fromMs;
  }

  /** The periods of a date without the breaks in which this counter stays open; undefined where no timetable tells. */
  stretches(day: number): readonly Period[] | undefined {
    const periods = this.periods(day);
    if (!periods) return undefined;
    const stretches: Period[] = [];
    for (const period of periods) {
      const last = stretches.at(-1);
      if (last && (this.life.hall.lunchDuty || last.toMs === period.fromMs))
        stretches[stretches.length - 1] = { fromMs: last.fromMs, toMs: period.toMs };
      else stretches.push(period);
    }
    return stretches;
  }

  /** The first moment of the day of service that begins on this date. */
  dayBegins(day: number): number {
    const first = this.periods(day)?.[0];
    const isEarly = first !== undefined && first.fromMs < day * DAY_MS + 240 * MINUTE_MS;
    return day * DAY_MS + (isEarly ? 0 : 240 * MINUTE_MS);
  }

  /** The date whose day of service holds this moment. */
  serviceDay(atMs: number): number {
    const day = Math.floor(atMs / DAY_MS);
    return atMs < this.dayBegins(day) ? day - 1 : day;
  }

  /** Whether service runs through the midnight with which a date begins. */
  runsThrough(day: number): boolean {
    return this.periods(day)?.[0]?.fromMs === day * DAY_MS;
  }

  /** The next moment at which the hours may mean something else. */
  nextChange(atMs: number): number {
    const day = Math.floor(atMs / DAY_MS);
    const moments = [day * DAY_MS, this.dayBegins(day), (day + 1) * DAY_MS, this.dayBegins(day + 1)];
    for (const { fromMs, toMs } of this.periods(day) ?? []) moments.push(fromMs, toMs);
    return Math.min(...moments.filter((moment) => moment > atMs));
  }

  /** When the counter closes for the day of service that holds this moment. A day without a period is closed from its beginning; undefined: no timetable tells. */
  closing(atMs: number): number | undefined {
    const day = this.serviceDay(atMs);
    const periods = this.periods(day);
    return periods && (periods.at(-1)?.toMs ?? this.dayBegins(day));
  }

  /** Whether it is before the first period of its day of service. */
  isBeforeOpening(atMs: number): boolean {
    const first = this.periods(this.serviceDay(atMs))?.[0];
    return first !== undefined && atMs < first.fromMs;
  }
}
