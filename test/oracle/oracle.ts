// The oracle: a second model of the rules of the counter, written from RULES.md, BEHAVIOUR.md, PROTOCOL.md and FORMAT.md alone. It knows people, periods, matters and
// minutes, and nothing of how the terminal is made. It is plain and slow: it goes from moment to moment, and asks at each what the rules want.

import type { Command, Fact, Happening, Life, Look } from "./life.js";
import { COUNTER, MINUTE_MS, OUTCOMES } from "./life.js";
import { Timetable } from "./timetable.js";

/** A time in which the oracle says nothing of an alert. */
export interface Blur {
  readonly fromMs: number;
  readonly toMs: number;
  readonly name: string;
}

/** What the oracle says of a life. */
export interface Saying {
  readonly facts: readonly Fact[];
  readonly looks: readonly Look[];
  readonly blurs: readonly Blur[];
  /** Places of happenings that come so close to a moment of the rules that nobody can say which was first. */
  readonly tight: ReadonlySet<number>;
  /** Place of the first happening whose outcome depends on records of which the oracle knows nothing: the life is judged up to it. */
  readonly undecided: number | undefined;
}

/** Happenings and moments of the rules are at least so far apart. */
const APART_MS = 1200;
/** A badge is read within this. */
const READ_MS = 250;
/** Somebody looks so long after each happening and each moment. */
const LOOK_MS = 500;
/** Notices are gone after so long, and the number of the counter to which a citizen is sent after twice the time. */
const NOTICE_MS = 3500;
const REFERRED_MS = 6500;
/** A badge signs out at the earliest so long after it signed in, and is one presentation until it has been away for so long. */
const SIGN_OUT_MS = 3000;
const AWAY_MS = 2000;
/** Pause reasons in the order in which a held key offers them. The first one is that of a short press. */
const OFFERED = ["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"];
/** A voice module plays nothing before. */
const VOICE_START_MS = 1600;
/** Marks of a session. */
const MARKS = { several: 1, frequent: 4, powerCut: 16, again: 32, long: 128 };
/** More sessions than this in a minute are more than citizens can come. */
const MOST_PER_MINUTE = 6;
/** A key that is held for so long is held on purpose. */
const HOLD_MS = 1000;
/** Bad ratings to which a supervisor may still attend, the newest. */
const MOST_BAD_RATINGS = 8;
/** The most invites of one matter. */
const MOST_INVITES = 2;

const SUPERVISOR = "9001";
const BADGES: Readonly<Record<string, string>> = {
  "1024": "W26:1A2B3C",
  "00010": "W26:2C4D5E",
  "A-2077": "W34:00C0FFEE",
  "9001": "W26:0F0F0F",
  stranger: "W26:ABCDEF",
};

interface Clerk {
  readonly staff: string;
  readonly sinceMs: number;
  /** The first moment of which the terminal can tell that the clerk was on duty, and when that was. */
  timedMs: number | undefined;
  /** Whether the newest record of the clerk has no time, and is of a later start than the sign-in. */
  hasUntimedRecord: boolean;
  /** Whether the sign-in waits for a clock to be judged. */
  awaitsArrival: boolean;
  /** Served after closing so far, and since when the clerk serves. */
  lateMs: number;
  servesSinceMs: number | undefined;
  /** Whether the record that tells since when has a time. */
  isServiceTimed: boolean;
  /** Whether what was served after closing can be told: after a power cut only when the clock has come. */
  isLateKnown: boolean;
  /** Records without a time hide it for good. */
  isLateLost: boolean;
}

interface Pause {
  readonly reason: string;
  /** When it began, as far as the terminal knows. */
  sinceMs: number;
  /** When it truly began. */
  readonly beganMs: number;
  /** Whether its record has a time. */
  readonly isSinceKnown: boolean;
  /** Its record has no time, and the power has gone since this: nobody can say how long it is. */
  vagueSinceMs: number | undefined;
  /** Since when nothing is said of its alerts. */
  blurredSinceMs: number | undefined;
  /** The power has gone since, and what was due until then was told. */
  wasCut: boolean;
  toldUntilMs: number;
  /** When the next overrun is due. */
  dueMs: number;
}

interface Matter {
  readonly id: string;
  /** Who began it: at first the clerk for whom the host opened it. */
  readonly begunBy: string;
  /** Its citizen is given the long time. */
  readonly isLong: boolean;
  wasInvited: boolean;
  /** The day of service on which it was opened, where that is known; and whether it was invited since. */
  readonly day: number | undefined;
  wasInvitedSince: boolean;
}

interface Session {
  readonly transaction: string;
  /** Who began the matter, or where nobody did, who invited. */
  readonly begunBy: string;
  readonly invitedMs: number;
  askedMs: number;
  suspect: number;
  isSuspectKnown: boolean;
}

/** A bad rating to which a supervisor may attend. */
interface BadRating {
  readonly transaction: string;
  readonly grade: number;
  readonly untilMs: number;
}

interface Wish {
  readonly what: "pause" | "signOut";
  readonly reason: string;
  untilMs: number;
}

/** What became of a transaction. */
interface Past {
  invites: number;
  /** It is rated, or ended without an invite, and that is not void: nobody is asked for it any more. */
  isOver: boolean;
  /** It has a grade that is not void. */
  isGraded: boolean;
  /** The day of service of what became of it last, where that is known. */
  day: number | undefined;
}

export class Oracle {
  private readonly facts: Fact[] = [];
  private readonly looks: Look[] = [];
  private readonly blurs: Blur[] = [];
  private readonly tight = new Set<number>();
  private readonly timetable: Timetable;
  private nowMs = 0;
  /** Place of the happening. */
  private place = 0;

  private isOn = false;
  private isClockKnown = false;
  private onSinceMs = 0;
  private clerk: Clerk | undefined;
  private pause: Pause | undefined;
  private matter: Matter | undefined;
  private session: Session | undefined;
  private wish: Wish | undefined;
  private isKeyHeld = false;
  private waiting = 0;
  /** When the host told that. */
  private waitingToldMs = 0;
  private emergency: string | undefined;
  private thanksUntilMs = 0;
  /** Until when the display may show to which counter a citizen is sent. */
  private referredUntilMs = 0;
  /** The rating whose reason the citizen may give, from the end of the thanks on. */
  private rating: { readonly staff: string; readonly transaction: string; readonly grade: number; readonly untilMs: number } | undefined;
  /** When the newest sessions began. */
  private readonly sessionsMs: number[] = [];
  private pasts = new Map<string, Past>();
  /** The newest date of service of which the transactions are known. */
  private idDay: number | undefined;
  /** The day of service of the newest record that has a time, and of the newest power cut with the clock known. */
  private recordDay: number | undefined;
  private cutDay: number | undefined;
  /** Ids that were forgotten on a later day, and the day of what became of them. */
  private readonly forgotten = new Map<string, number>();
  private undecided: number | undefined;
  private badRatings: BadRating[] = [];
  private readonly voided = new Set<Fact>();
  /** What neighbours did last, by their counters, and on which day of service the host told it. */
  private neighbours = new Map<string, { readonly state: string; readonly toldMs: number }>();
  /** Until when somebody was on duty, and whether the terminal can know it: where a clerk left without a clock and the power went, nobody does. */
  private attendedUntilMs = -Infinity;
  private isAttendedKnown = true;
  private wasLeavingTimed = true;
  private unattendedSinceMs = 0;
  private wasUnattendedTold = false;
  private lastTaps = new Map<string, number>();
  private refusals = new Map<string, number>();

  constructor(private readonly life: Life) {
    this.timetable = new Timetable(life);
  }

  /** Goes through the life. */
  say(): Saying {
    const { happenings } = this.life;
    for (let i = 0; i < happenings.length; i++) {
      const happening = happenings[i] as Happening;
      this.passTo(happening.atMs, i);
      this.place = i;
      this.happen(happening);
      const end = happening.atMs + ("holdMs" in happening ? happening.holdMs : 0);
      const nextMs = happenings[i + 1]?.atMs ?? end + APART_MS;
      // What the happening itself has brought near is no race.
      const dueMs = this.nextMoment();
      if (dueMs < nextMs && dueMs > nextMs - APART_MS) this.tight.add(i + 1);
      this.look(end + LOOK_MS, Math.min(nextMs, dueMs));
    }
    if (this.nextMoment() < this.nowMs + 2 * APART_MS) this.tight.add(happenings.length - 1);
    this.dropPause();
    return { facts: this.facts, looks: this.looks, blurs: this.blurs, tight: this.tight, undecided: this.undecided };
  }

  // --- time ---

  /** Lets time pass, moment by moment. @param next place of the happening that follows */
  private passTo(atMs: number, next: number): void {
    for (;;) {
      const dueMs = this.nextMoment();
      if (dueMs > atMs + APART_MS) break;
      if (dueMs > atMs - APART_MS) this.tight.add(next);
      if (dueMs > atMs) break;
      this.nowMs = dueMs;
      this.moment();
      this.look(dueMs + LOOK_MS, Math.min(atMs, this.nextMoment()));
    }
    this.nowMs = atMs;
  }

  private look(atMs: number, beforeMs: number): void {
    if (atMs >= beforeMs) return;
    const isPauseLit = this.isPauseLit();
    this.looks.push({ atMs, ...(isPauseLit === undefined ? {} : { isPauseLit }) });
    // Somebody looks again when short notices are over, if nothing happens meanwhile.
    if (atMs + NOTICE_MS >= beforeMs || atMs + NOTICE_MS < this.referredUntilMs || !this.isOn) return;
    const shows = this.shows();
    if (shows) this.looks.push({ atMs: atMs + NOTICE_MS, shows });
  }

  /** The next moment at which the rules want something without anybody doing anything. */
  private nextMoment(): number {
    if (!this.isOn) return Infinity;
    const moments: number[] = [];
    if (this.session) moments.push(this.askedUntil(this.session));
    if (this.thanksUntilMs > this.nowMs) moments.push(this.thanksUntilMs);
    if (this.rating) moments.push(this.rating.untilMs);
    if (this.wish) moments.push(this.wish.untilMs);
    if (this.pause) moments.push(this.pause.dueMs);
    const unattended = this.nextUnattended();
    if (unattended !== undefined) moments.push(unattended);
    if (this.isClockKnown) moments.push(this.timetable.nextChange(this.nowMs));
    return Math.min(...moments);
  }

  private moment(): void {
    const { nowMs } = this;
    if (this.session && nowMs >= this.askedUntil(this.session)) this.endSession("timeout", 0);
    if (this.rating && nowMs >= this.rating.untilMs) this.rating = undefined;
    if (this.wish && nowMs >= this.wish.untilMs) this.dropWish();
    if (this.isClockKnown) this.beginIds();
    this.checkDay();
    if (this.pause && nowMs >= this.pause.dueMs) this.tellOverrun();
    if (nowMs >= (this.nextUnattended() ?? Infinity)) {
      this.wasUnattendedTold = true;
      this.alert("unattended", String(this.life.hall.unattendedS), true);
    }
    this.checkUnattended();
  }

  /** Until when a citizen may press. */
  private askedUntil({ askedMs, suspect }: Session): number {
    const { timeoutMs, longTimeoutMs, longMode } = this.life.hall;
    return askedMs + (longMode || suspect & MARKS.long ? longTimeoutMs : timeoutMs);
  }

  /** Whether service is expected now. Without a clock nobody can tell that it is not. */
  private isExpected(): boolean {
    if (!this.isClockKnown || this.timetable.stretch(this.nowMs) !== undefined) return true;
    return this.waiting > 0 && this.isClosed();
  }

  /** Whether it is after the last period of the day of service. */
  private isClosed(): boolean {
    return this.isClockKnown && this.nowMs >= (this.timetable.closing(this.nowMs) ?? Infinity);
  }

  // --- what is told ---

  private tell(what: string, fields: Fact["fields"], fromMs = this.nowMs, isOptional = false): void {
    this.facts.push({ fromMs, atMs: this.nowMs, what, fields, isOptional });
    if (this.isClockKnown && what.startsWith("record")) this.recordDay = this.timetable.serviceDay(this.nowMs);
  }

  private record(type: string, fields: Fact["fields"], fromMs = this.nowMs): void {
    this.tell(`record ${type}`, fields, fromMs);
  }

  private alert(name: string, detail: string, hasRecord: boolean, isOptional = false): void {
    this.tell("alert", { alert: name, detail }, this.nowMs, isOptional);
    if (hasRecord) this.tell("record alert", { alert: name, detail }, this.nowMs, isOptional);
  }

  /** Whole minutes from one moment to another. Where it is nearly another minute, the happening has to be moved. @param isLeft they are counted down to a closing: a moment later than a whole minute is one less */
  private minutes(ms: number, isLeft = false): number {
    const rest = ms - Math.floor(ms / MINUTE_MS) * MINUTE_MS;
    // A badge is read a moment later, and what is known of the time before a power cut is known to the second.
    if ((rest > 0 || isLeft) && (rest < APART_MS || rest > MINUTE_MS - APART_MS)) this.tight.add(this.place);
    return Math.floor(ms / MINUTE_MS);
  }

  // --- happenings ---

  private happen(happening: Happening): void {
    if (happening.what === "power") return happening.isOn ? this.powerOn() : this.powerOff();
    if (!this.isOn) return;
    switch (happening.what) {
      case "tap":
        return this.tap(happening.who);
      case "key": {
        if (happening.key === "invite") return this.holdInvite(happening.holdMs);
        if (happening.key === "pause") return this.pauseByKey(happening.holdMs);
        return this.press(Number(happening.key.slice(3)));
      }
      case "both":
        if (this.session) this.session.suspect |= MARKS.several;
        return;
      case "clerkKeys":
        return this.pressBoth(happening.first, happening.gapMs);
      case "void":
        return this.makeVoid(happening.transaction);
      case "clock":
        return this.learnTime();
      case "host":
        return this.command(happening.command);
    }
  }

  private powerOn(): void {
    if (this.isOn) return;
    this.isOn = true;
    this.isClockKnown = false;
    this.onSinceMs = this.nowMs;
    if (this.session) {
      this.session.askedMs = this.nowMs;
      // Whether keys that were pressed at once before are still known depends on the records.
      if (this.session.suspect & MARKS.several) this.session.isSuspectKnown = false;
      this.session.suspect |= MARKS.powerCut;
    }
    if (this.pause) {
      this.pause.sinceMs = this.nowMs;
      this.pause.dueMs = this.nowMs + this.limitOf(this.pause.reason);
    }
    this.unattendedSinceMs = this.nowMs;
    this.wasUnattendedTold = false;
    // Of a matter that stays open over the end of its day, what was before it was opened may be forgotten.
    const { matter } = this;
    if (matter?.wasInvited && !matter.wasInvitedSince && (matter.day ?? -Infinity) < (this.recordDay ?? Infinity)) this.undecided ??= this.place;
    // The records tell which day it was.
    if (this.recordDay !== undefined && this.recordDay > (this.idDay ?? -Infinity)) this.idDay = this.recordDay;
    this.forgetIds();
  }

  private powerOff(): void {
    this.sessionsMs.length = 0;
    if (!this.isOn) return;
    if (this.clerk) {
      this.clerk.awaitsArrival = false;
      this.clerk.isLateKnown = false;
      if (this.clerk.servesSinceMs !== undefined && !this.clerk.isServiceTimed) this.clerk.isLateLost = true;
      if (this.clerk.hasUntimedRecord && !this.isClockKnown) this.clerk.isLateLost = true;
      this.attendedUntilMs = this.nowMs;
    }
    if (this.pause) {
      this.pause.wasCut = true;
      if (!this.pause.isSinceKnown) this.pause.vagueSinceMs ??= this.nowMs;
      this.pause.toldUntilMs = this.nowMs;
    }
    // Where the record of leaving has no time, nobody knows it after a power cut.
    if (!this.wasLeavingTimed) this.isAttendedKnown = false;
    if (this.isClockKnown) this.cutDay = this.timetable.serviceDay(this.nowMs);
    this.isOn = false;
    this.isClockKnown = false;
    this.wish = undefined;
    this.waiting = 0;
    this.emergency = undefined;
    this.thanksUntilMs = 0;
    this.rating = undefined;
    this.lastTaps.clear();
    this.refusals.clear();
    this.badRatings = [];
    this.neighbours.clear();
  }

  private learnTime(): void {
    this.tell("answer", { result: "ok" });
    const wasKnown = this.isClockKnown;
    this.isClockKnown = true;
    this.recordDay = this.timetable.serviceDay(this.nowMs);
    if (wasKnown) return;
    // What came without a clock was today.
    for (const past of this.pasts.values()) past.day ??= this.timetable.serviceDay(this.nowMs);
    this.beginIds();
    // The time without anybody counts from when the terminal knows the hours.
    this.unattendedSinceMs = this.nowMs;
    const { clerk, pause } = this;
    if (clerk) clerk.isLateKnown = !clerk.isLateLost;
    if (this.attendedUntilMs >= this.onSinceMs) this.isAttendedKnown = true;
    if (clerk && clerk.timedMs === undefined) clerk.timedMs = Math.max(clerk.sinceMs, this.onSinceMs);
    if (pause?.isSinceKnown && pause.wasCut) {
      pause.sinceMs = pause.beganMs;
      pause.dueMs = pause.beganMs + this.limitOf(pause.reason);
      const isDue = pause.dueMs <= pause.toldUntilMs;
      // What was due before the power went was told then. Whether the terminal knows it depends on its records.
      while (pause.dueMs <= pause.toldUntilMs) pause.dueMs += 10 * MINUTE_MS;
      if (isDue && pause.dueMs > this.nowMs && this.isExpected()) this.tellOverrun(true);
      else if (isDue && !this.isExpected()) pause.blurredSinceMs ??= this.nowMs;
    }
    this.checkDay();
    if (this.clerk?.awaitsArrival) {
      this.clerk.awaitsArrival = false;
      const { punctuality, minutes } = this.punctuality(this.clerk.sinceMs);
      if (punctuality) this.tell("record arrival", { staff: this.clerk.staff, punctuality, minutes }, this.nowMs, !this.isAttendedKnown);
    }
    this.checkUnattended();
    // What was due while nobody knew the time is told now.
    if (this.pause && this.nowMs >= this.pause.dueMs) this.tellOverrun();
  }

  // --- people ---

  private tap(who: string): void {
    const lastMs = this.lastTaps.get(who);
    this.lastTaps.set(who, this.nowMs);
    this.noteRace(lastMs ?? -Infinity, AWAY_MS);
    if (lastMs !== undefined && this.nowMs - lastMs < AWAY_MS) return;
    if (who === "stranger") return this.refuse(who, "Unknown");
    if (who === SUPERVISOR) {
      this.attend();
      this.approve(SUPERVISOR);
      return;
    }
    const { clerk } = this;
    if (!clerk) return this.signIn(who, false);
    if (clerk.staff !== who) {
      this.dropWish();
      this.signOut(who);
      return this.signIn(who, true);
    }
    this.noteRace(clerk.sinceMs, SIGN_OUT_MS);
    // Who has paused since, or has asked for something, means it.
    if (!this.pause && !this.wish && this.nowMs - clerk.sinceMs < SIGN_OUT_MS && clerk.sinceMs >= this.onSinceMs) return;
    if (this.pause) {
      // Who was paused before closing and comes after it, goes home.
      // Who has served after closing is still at work.
      const goesHome = this.isClosed() && clerk.lateMs === 0;
      if (!goesHome) return this.endPause();
    }
    if (!this.needsApproval()) return this.signOut("");
    this.wishFor("signOut", "");
  }

  /** Notes a happening that comes nearly so long after a moment that nobody can say on which side. */
  private noteRace(sinceMs: number, ms: number): void {
    if (Math.abs(this.nowMs - sinceMs - ms) < READ_MS) this.tight.add(this.place);
  }

  /** A supervisor is there, and attends to the bad ratings whose time is not over. */
  private attend(): void {
    for (const { transaction, grade, untilMs } of this.badRatings) {
      this.noteRace(untilMs, 0);
      if (this.nowMs < untilMs) this.record("attended", { supervisor: SUPERVISOR, about: "session", transaction, grade });
    }
    this.badRatings = [];
  }

  private refuse(who: string, reason: string): void {
    const lastMs = this.refusals.get(who);
    if (lastMs !== undefined && this.nowMs - lastMs < MINUTE_MS) return;
    this.refusals.set(who, this.nowMs);
    this.record("badgeRefused", { badge: BADGES[who] as string, reason });
  }

  private signIn(staff: string, isRelief: boolean): void {
    if (this.isClockKnown) this.beginIds();
    const { punctuality, minutes } = isRelief || !this.isClockKnown ? { punctuality: "", minutes: 0 } : this.punctuality(this.nowMs);
    this.clerk = {
      staff,
      sinceMs: this.nowMs,
      timedMs: this.isClockKnown ? this.nowMs : undefined,
      hasUntimedRecord: false,
      awaitsArrival: !isRelief && !this.isClockKnown,
      lateMs: 0,
      servesSinceMs: this.nowMs,
      isServiceTimed: this.isClockKnown,
      isLateKnown: true,
      isLateLost: false,
    };
    const isTold = isRelief || !this.isClockKnown || this.isAttendedKnown;
    this.record("signIn", { staff, badge: BADGES[staff] as string, ...(isTold ? { punctuality, minutes } : {}) });
  }

  /** How punctual a sign-in was, if it was the first one for its period. */
  private punctuality(atMs: number): { punctuality: string; minutes: number } {
    const none = { punctuality: "", minutes: 0 };
    const day = this.timetable.serviceDay(atMs);
    const periods = this.timetable.stretches(day);
    if (!periods) return none;
    // Nobody signs in for a period that is over. Who was there in the first half of a break was there for the period before.
    const place = periods.findIndex(({ toMs }) => atMs < toMs);
    const period = periods[place];
    if (!period) return none;
    const before = periods[place - 1];
    const beginsMs = before ? (before.toMs + period.fromMs) / 2 : this.timetable.dayBegins(day);
    if (this.attendedUntilMs >= beginsMs) return none;
    const minutes = this.minutes(atMs - period.fromMs);
    return { minutes, punctuality: minutes <= -this.life.hall.earlyMinutes ? "early" : atMs <= period.fromMs ? "onTime" : "late" };
  }

  /** Signs the clerk out. @param relievedBy who takes over, or empty */
  private signOut(relievedBy: string): void {
    const clerk = this.clerk as Clerk;
    this.dropWish();
    if (!relievedBy) {
      this.endSession("staffLeft", 0);
      this.rating = undefined;
    }
    if (this.pause) this.endPause();
    this.settleLate();
    const stretch = this.isClockKnown ? this.timetable.stretch(this.nowMs) : undefined;
    const earlyMinutes = !relievedBy && stretch && stretch.toMs !== Infinity ? this.minutes(stretch.toMs - this.nowMs, true) : 0;
    this.record("signOut", {
      staff: clerk.staff,
      relievedBy,
      ...(clerk.isLateKnown ? { lateMinutes: this.minutes(clerk.lateMs) } : {}),
      earlyMinutes,
      why: "",
    });
    if (earlyMinutes > 0) this.alert("leftEarly", `${clerk.staff} ${earlyMinutes}`, false);
    this.leave();
  }

  /** Nobody is on duty from now on. */
  private leave(): void {
    this.attendedUntilMs = this.nowMs;
    this.isAttendedKnown = this.isClockKnown;
    this.wasLeavingTimed = this.isClockKnown;
    this.clerk = undefined;
    this.unattendedSinceMs = this.nowMs;
    this.wasUnattendedTold = false;
  }

  /** Adds what the clerk has served after closing. */
  private settleLate(): void {
    const { clerk } = this;
    if (!clerk || clerk.servesSinceMs === undefined) return;
    // Without a clock nobody can tell what was late.
    if (!this.isClockKnown) clerk.isLateLost = true;
    clerk.isLateKnown = !clerk.isLateLost;
    const closingMs = this.isClockKnown ? this.timetable.closing(this.nowMs) : undefined;
    if (closingMs !== undefined) clerk.lateMs += Math.max(0, this.nowMs - Math.max(clerk.servesSinceMs, closingMs));
    clerk.servesSinceMs = this.nowMs;
  }

  /** A sign-in belongs to its day of service. */
  private checkDay(): void {
    const { clerk } = this;
    if (!this.isClockKnown) return;
    const day = this.timetable.serviceDay(this.nowMs);
    // Who waited on an earlier day waits no more.
    if (this.timetable.serviceDay(this.waitingToldMs) !== day && !this.timetable.runsThrough(day)) this.waiting = 0;
    // Nor does it count what a neighbour did then.
    for (const [counter, { toldMs }] of this.neighbours)
      if (this.timetable.serviceDay(toldMs) !== day && !this.timetable.runsThrough(day)) this.neighbours.delete(counter);
    if (clerk?.timedMs === undefined) return;
    if (this.timetable.serviceDay(clerk.timedMs) === day || this.timetable.runsThrough(day)) return;
    this.endSession("timeout", 0);
    this.rating = undefined;
    this.dropPause();
    this.record("signOut", { staff: clerk.staff, relievedBy: "", lateMinutes: 0, earlyMinutes: 0, why: "forgotten" });
    this.alert("forgotten", clerk.staff, false);
    this.dropWish();
    this.leave();
    // Nobody knows when the clerk left. It was not on this day of service.
    this.attendedUntilMs = Math.min(this.attendedUntilMs, this.timetable.dayBegins(this.timetable.serviceDay(this.nowMs)) - 1);
  }

  private nextUnattended(): number | undefined {
    // Without clock or timetable nobody knows when somebody should be there.
    const { fromMs = -Infinity } = (this.isClockKnown && this.timetable.stretch(this.nowMs)) || {};
    if (this.clerk || this.wasUnattendedTold || fromMs === -Infinity) return undefined;
    return Math.max(this.unattendedSinceMs, fromMs, this.onSinceMs) + 1000 * this.life.hall.unattendedS;
  }

  /** Outside of hours nobody is missed; the next period is another one. */
  private checkUnattended(): void {
    if (!this.isExpected()) this.wasUnattendedTold = false;
  }

  // --- pauses ---

  private pauseByKey(holdMs: number): void {
    if (!this.clerk) return;
    // The key acts when it is let go, because it may be held for another reason, or both keys may be meant.
    const isBack = this.wish !== undefined || this.pause !== undefined;
    this.isKeyHeld = !isBack;
    this.passTo(this.nowMs + holdMs, this.place);
    this.isKeyHeld = false;
    // The day of service may have ended meanwhile, and with it the clerk's.
    if (!this.clerk) return;
    if (isBack) return this.wish ? this.dropWish() : this.endPause();
    const reason = OFFERED[Math.min(Math.floor(holdMs / 1000), OFFERED.length - 1)] as string;
    if (this.needsApproval()) return this.wishFor("pause", reason);
    this.dropWish();
    this.beginPause(reason, "");
  }

  private needsApproval(): boolean {
    return this.session !== undefined || this.matter !== undefined || this.waiting > 0;
  }

  private wishFor(what: Wish["what"], reason: string): void {
    if (this.wish && this.wish.what === what && this.wish.reason === reason) {
      this.wish.untilMs = this.nowMs + this.life.hall.approvalMs;
      return;
    }
    this.dropWish();
    this.wish = { what, reason, untilMs: this.nowMs + this.life.hall.approvalMs };
  }

  private dropWish(): void {
    const { wish } = this;
    if (!wish) return;
    this.wish = undefined;
    this.record("notApproved", { staff: this.clerk?.staff ?? "", what: wish.what, reason: wish.reason });
  }

  /** @returns whether something was approved */
  private approve(by: string): boolean {
    const { wish } = this;
    if (!wish) return false;
    this.wish = undefined;
    this.record("approved", { supervisor: by, what: wish.what, reason: wish.reason });
    if (wish.what === "pause") this.beginPause(wish.reason, by);
    else this.signOut("");
    return true;
  }

  /** A record of the clerk without a time hides, after a power cut, since when the clerk serves. */
  private hideSince(clerk: Clerk): void {
    clerk.hasUntimedRecord = !this.isClockKnown && clerk.sinceMs < this.onSinceMs;
  }

  private beginPause(reason: string, approvedBy: string): void {
    const clerk = this.clerk as Clerk;
    this.hideSince(clerk);
    this.endSession("cancelled", 0);
    this.rating = undefined;
    this.settleLate();
    clerk.servesSinceMs = undefined;
    this.pause = {
      reason,
      sinceMs: this.nowMs,
      beganMs: this.nowMs,
      isSinceKnown: this.isClockKnown,
      wasCut: false,
      vagueSinceMs: undefined,
      blurredSinceMs: undefined,
      toldUntilMs: Infinity,
      dueMs: this.nowMs + this.limitOf(reason),
    };
    this.record("pauseBegan", {
      staff: clerk.staff,
      reason,
      approvedBy,
      ...(clerk.isLateKnown ? { lateSeconds: Math.floor(clerk.lateMs / 1000) } : {}),
    });
  }

  private endPause(): void {
    const { pause } = this;
    if (!pause) return;
    const clerk = this.clerk as Clerk;
    this.hideSince(clerk);
    this.dropPause();
    clerk.servesSinceMs = this.nowMs;
    clerk.isServiceTimed = this.isClockKnown;
    this.record("pauseEnded", {
      staff: clerk.staff,
      ...(pause.vagueSinceMs === undefined ? { seconds: Math.round((this.nowMs - pause.sinceMs) / 1000) } : {}),
      reason: pause.reason,
      ...(clerk.isLateKnown ? { lateSeconds: Math.floor(clerk.lateMs / 1000) } : {}),
    });
  }

  /** A pause is over. */
  private dropPause(): void {
    const sinceMs = this.pause?.vagueSinceMs ?? this.pause?.blurredSinceMs;
    this.pause = undefined;
    if (sinceMs !== undefined) this.blurs.push({ fromMs: sinceMs, toMs: this.nowMs, name: "overrun" });
  }

  /** How long a pause for a reason may be. */
  private limitOf(reason: string): number {
    const { phoneLimitMinutes, pauseLimitMinutes } = this.life.hall;
    return (reason === "phone" ? phoneLimitMinutes : pauseLimitMinutes) * MINUTE_MS;
  }

  /** An overrun is due: at the limit, and every 10 minutes after it. Where no service is expected, the limit counts anew from the next opening. */
  private tellOverrun(isOptional = false): void {
    const { clerk, pause } = this;
    if (!clerk || !pause) return;
    if (!this.isExpected()) {
      // In the moment of closing both are right.
      const isMoment = this.timetable.stretch(this.nowMs - 1) !== undefined;
      if (isMoment) this.tellLength(this.nowMs, true);
      let opensMs = this.timetable.nextChange(this.nowMs);
      while (!this.timetable.stretch(opensMs)) opensMs = this.timetable.nextChange(opensMs);
      pause.dueMs = opensMs + this.limitOf(pause.reason);
      return;
    }
    while (pause.dueMs <= this.nowMs) pause.dueMs += 10 * MINUTE_MS;
    if (pause.vagueSinceMs !== undefined || pause.blurredSinceMs !== undefined) return;
    // After a power cut the beginning of the pause is known to the second.
    this.tellLength(this.nowMs - (pause.wasCut ? 1000 : 0), isOptional);
  }

  private tellLength(fromMs: number, isOptional: boolean): void {
    const { clerk, pause } = this;
    if (!clerk || !pause) return;
    const fields = { alert: "overrun", detail: `${clerk.staff} ${pause.reason} ${this.minutes(this.nowMs - pause.sinceMs)}` };
    this.tell("alert", fields, fromMs, isOptional);
    this.tell("record alert", fields, fromMs, isOptional);
  }

  // --- matters ---

  private pastOf(id: string): Past {
    this.decide(id);
    const past = this.pasts.get(id) ?? { invites: 0, isOver: false, isGraded: false, day: undefined };
    this.forgotten.delete(id);
    past.day = this.isClockKnown ? this.timetable.serviceDay(this.nowMs) : undefined;
    this.pasts.set(id, past);
    return past;
  }

  /** On a later day the ids mean other matters. */
  private beginIds(): void {
    const day = this.timetable.serviceDay(this.nowMs);
    if (this.idDay !== undefined && day <= this.idDay) return;
    this.idDay = day;
    this.forgetIds();
  }

  /** Forgets what became of transactions on earlier days. What is open or asked for is still the matter of its day. */
  private forgetIds(): void {
    const today = this.idDay ?? -Infinity;
    for (const [id, { day = today }] of this.pasts) {
      if (day >= today || id === this.matter?.id || id === this.session?.transaction) continue;
      this.pasts.delete(id);
      this.forgotten.set(id, day);
    }
  }

  /** Notes where the rules leave it open whether an id is of an earlier day, while no clock tells. */
  private decide(id: string): void {
    const { day = Infinity } = this.pasts.get(id) ?? {};
    const isUnsure = day < (this.cutDay ?? -Infinity) || (this.forgotten.get(id) ?? -Infinity) >= (this.recordDay ?? Infinity);
    if (!this.isClockKnown && isUnsure) this.undecided ??= this.place;
  }

  private isFinished(id: string): boolean {
    this.decide(id);
    const past = this.pasts.get(id);
    return past !== undefined && (past.isOver || past.invites >= MOST_INVITES);
  }

  /** Whether a rating can be taken. @returns why not */
  private whyNotServing(): boolean {
    if (!this.clerk || this.pause) return true;
    return this.isClockKnown && !this.life.hall.opensEarly && this.timetable.isBeforeOpening(this.nowMs);
  }

  private inviteByKey(): void {
    if (this.whyNotServing() || this.emergency !== undefined || this.session || this.nowMs < this.thanksUntilMs) return;
    const id = this.matter?.id ?? "";
    if (id && this.isFinished(id)) return;
    this.ask(id);
  }

  /** A key that is held gives the citizen who is asked when it is let go the long time. */
  private holdInvite(holdMs: number): void {
    this.inviteByKey();
    if (holdMs < HOLD_MS) return;
    this.passTo(this.nowMs + holdMs, this.place);
    if (this.session) this.session.suspect |= MARKS.long;
  }

  /** Both clerk keys sign out. An invite that the first of them began is called off. */
  private pressBoth(first: "invite" | "pause", gapMs: number): void {
    const before = this.session;
    if (first === "invite") this.inviteByKey();
    this.nowMs += gapMs;
    if (this.session !== before) this.endSession("cancelled", 0);
    if (!this.clerk) return;
    if (!this.needsApproval()) return this.signOut("");
    this.wishFor("signOut", "");
  }

  private ask(transaction: string, isLong = false): void {
    const clerk = this.clerk as Clerk;
    let suspect = 0;
    if (transaction) {
      const past = this.pastOf(transaction);
      if (past.invites > 0) suspect |= MARKS.again;
      past.invites++;
    }
    if (isLong || (this.matter?.id === transaction && this.matter.isLong)) suspect |= MARKS.long;
    if (this.matter?.id === transaction) {
      this.matter.wasInvited = true;
      this.matter.wasInvitedSince = true;
    }
    this.sessionsMs.push(this.nowMs);
    const [surely, perhaps] = [59_000, 61_000].map((span) => this.sessionsMs.filter((ms) => ms > this.nowMs - span).length > MOST_PER_MINUTE);
    if (surely) suspect |= MARKS.frequent;
    this.rating = undefined;
    this.session = {
      transaction,
      begunBy: (this.matter?.id === transaction && this.matter.begunBy) || clerk.staff,
      invitedMs: this.nowMs,
      askedMs: this.nowMs,
      suspect,
      // A key is heard a moment later.
      isSuspectKnown: surely === perhaps,
    };
  }

  private endSession(outcome: string, grade: number): void {
    const { session } = this;
    if (!session) return;
    this.session = undefined;
    const staff = this.clerk?.staff ?? "";
    // The rules do not say of which day the session of an id is that is open when one ends.
    const { day } = this.pasts.get(session.transaction) ?? {};
    if (day !== undefined && this.isClockKnown && day < this.timetable.serviceDay(this.nowMs)) this.undecided ??= this.place;
    if (grade && session.transaction) {
      const past = this.pastOf(session.transaction);
      past.isOver = true;
      past.isGraded = true;
    }
    this.record(
      "session",
      {
        staff,
        transaction: session.transaction,
        outcome,
        grade,
        elapsedMs: this.nowMs - session.askedMs,
        ...(session.isSuspectKnown ? { suspect: session.suspect } : {}),
        begunBy: session.begunBy === staff ? "" : session.begunBy,
      },
      session.invitedMs,
    );
    if (grade !== 1 && grade !== 2) return;
    this.alert("badRating", staff, false);
    const untilMs = this.nowMs + this.life.hall.attendMinutes * MINUTE_MS;
    this.badRatings = [...this.badRatings, { transaction: session.transaction, grade, untilMs }].slice(-MOST_BAD_RATINGS);
  }

  private press(place: number): void {
    const { grades, reasons, thanksMs, reasonMs } = this.life.hall;
    const grade = grades[place - 1];
    if (!this.session || grade === undefined) return this.giveReason(place);
    const { transaction } = this.session;
    this.endSession("rated", grade);
    this.thanksUntilMs = this.nowMs + thanksMs;
    if (reasons.length > 0) this.rating = { staff: this.clerk?.staff ?? "", transaction, grade, untilMs: this.thanksUntilMs + reasonMs };
  }

  /** A key gives a reason, and the last one none. */
  private giveReason(place: number): void {
    const { rating } = this;
    const { reasons, grades } = this.life.hall;
    if (!rating || this.nowMs < this.thanksUntilMs || (place > reasons.length && place < grades.length)) return;
    this.rating = undefined;
    const code = place <= reasons.length ? (reasons[place - 1] as number) : 0;
    const present = this.clerk?.staff ?? "";
    this.record("reason", {
      staff: rating.staff,
      transaction: rating.transaction,
      code: rating.grade <= 2 && Math.floor(code / 100) === rating.grade ? code : 0,
      present: present === rating.staff ? "-" : present,
    });
  }

  /** The open matter ends. @param to the counter to which the citizen is sent, or empty */
  private endMatter(to = ""): void {
    const { matter } = this;
    if (!matter) return;
    this.matter = undefined;
    const present = this.clerk?.staff ?? "";
    const staff = matter.begunBy || present;
    const fields = { staff, transaction: matter.id, present: staff === present ? "-" : present };
    const isHindered =
      this.emergency !== undefined || (this.isClockKnown && !this.life.hall.opensEarly && this.timetable.isBeforeOpening(this.nowMs));
    const isMissed = !to && !matter.wasInvited && !isHindered && !this.pasts.get(matter.id)?.isGraded;
    if (isMissed) this.pastOf(matter.id).isOver = true;
    // The number of a matter of an earlier day may come again from now on.
    this.forgetIds();
    if (to) this.record("referred", { ...fields, from: COUNTER, to });
    else this.record(isMissed ? "notInvited" : "ended", fields);
  }

  // --- the host ---

  private command(command: Command): void {
    const result = this.obey(command);
    if (result !== undefined) this.tell("answer", result.includes(" or ") ? {} : { result });
  }

  /** @returns the answer */
  private obey(command: Command): string | undefined {
    const { transaction = "" } = command;
    switch (command.do) {
      case "waiting": {
        const wasExpected = this.isExpected();
        this.waiting = command.count ?? 0;
        this.waitingToldMs = this.nowMs;
        // Where nobody was missed before, the limit counts from now.
        if (this.pause && !wasExpected && this.isExpected())
          this.pause.dueMs = Math.min(this.pause.dueMs, this.nowMs + this.limitOf(this.pause.reason));
        return "ok";
      }
      case "open": {
        if (this.matter?.id === transaction) return "ok";
        // What is asked for now is not finished.
        if (this.session?.transaction !== transaction && this.isFinished(transaction)) return "finished";
        this.endMatter();
        const staff = this.clerk?.staff ?? "";
        const isLong = command.long === true;
        const wasInvited = (this.pasts.get(transaction)?.invites ?? 0) > 0;
        const day = this.isClockKnown ? this.timetable.serviceDay(this.nowMs) : undefined;
        this.matter = { id: transaction, begunBy: staff, isLong, wasInvited, day, wasInvitedSince: false };
        this.record("opened", { staff, transaction, long: isLong ? 1 : 0 });
        if (!this.isTooBusyToTalk()) this.sound(command.waited ? "waited" : "welcome");
        return "ok";
      }
      case "finish":
        if (!transaction || this.matter?.id === transaction) this.endMatter();
        return "ok";
      case "invite":
        if (this.session && this.session.transaction === transaction) {
          if (command.long) this.session.suspect |= MARKS.long;
          return "ok";
        }
        if (this.whyNotServing() || this.emergency !== undefined) return "notServing";
        if (this.session || this.nowMs < this.thanksUntilMs) return "busy";
        if (this.isFinished(transaction)) return "finished";
        this.ask(transaction, command.long);
        return "ok";
      case "cancel":
        if (!this.session || (transaction && this.session.transaction !== transaction)) return "notAsking";
        this.endSession("cancelled", 0);
        return "ok";
      case "pause":
        if (!this.clerk) return "notServing";
        if (this.pause) return "paused";
        if (this.needsApproval()) {
          this.wishFor("pause", command.reason ?? "");
          return "approvalNeeded";
        }
        this.dropWish();
        this.beginPause(command.reason ?? "", "");
        return "ok";
      case "resume":
        if (!this.pause) return "notPaused";
        this.endPause();
        return "ok";
      case "signOut":
        if (!this.clerk) return "notServing";
        if (this.needsApproval()) {
          this.wishFor("signOut", "");
          return "approvalNeeded";
        }
        this.signOut("");
        return "ok";
      case "approve":
        return this.approve(command.by ?? "") ? "ok" : "nothingAsked";
      case "emergency":
        this.emergency = command.text || undefined;
        if (this.emergency !== undefined) {
          this.endSession("cancelled", 0);
          this.rating = undefined;
        }
        return "ok";
      case "neighbour":
        if (!this.life.hall.neighbours.includes(command.counter ?? "")) return "bad counter";
        this.neighbours.set(command.counter ?? "", { state: command.state ?? "", toldMs: this.nowMs });
        return "ok";
      case "refer":
        return this.refer(command);
      case "card":
        return this.enterCard(command);
      default:
        return undefined;
    }
  }

  private sound(cue: string): void {
    // A voice module takes a moment to start.
    this.tell(`sound ${cue}`, {}, this.nowMs, this.nowMs < this.onSinceMs + VOICE_START_MS);
  }

  /** Whether the display has something more urgent than a greeting. */
  private isTooBusyToTalk(): boolean {
    if (this.whyNotServing() || this.emergency !== undefined) return true;
    return this.wish !== undefined || this.session !== undefined || this.nowMs < this.thanksUntilMs || this.rating !== undefined;
  }

  /** The host sends a citizen to another counter. */
  private refer({ counter = "", transaction = "" }: Command): string {
    const refusals: string[] = [];
    if (counter === COUNTER) refusals.push("bad counter");
    if (transaction && this.matter?.id !== transaction) refusals.push("notOpen");
    if ((this.neighbours.get(counter)?.state ?? "open") !== "open") refusals.push("closed");
    if (this.isTooBusyToTalk()) refusals.push("busy");
    // Which of several refusals is told is not stated.
    if (refusals.length > 0) return refusals.join(" or ");
    const present = this.clerk?.staff ?? "";
    this.referredUntilMs = this.nowMs + REFERRED_MS;
    if (this.matter) this.endMatter(counter);
    else this.record("referred", { staff: present, transaction: "", from: COUNTER, to: counter, present: "-" });
    return "ok";
  }

  /** A supervisor enters a paper card. */
  private enterCard({ staff = "", transaction = "", grade = 0, by = "" }: Command): string {
    if (BADGES[staff] === undefined) return "bad staff";
    if (this.session?.transaction === transaction) return "busy";
    this.decide(transaction);
    if (this.pasts.get(transaction)?.isGraded) return "finished";
    const past = this.pastOf(transaction);
    past.isGraded = true;
    past.isOver = true;
    this.record("card", { staff, transaction, grade, supervisor: by });
    return "ok";
  }

  /** A supervisor voids the newest record that tells what became of a transaction. */
  private makeVoid(transaction: string): void {
    const fact = this.facts.findLast(
      ({ what, fields }) => what.startsWith("record ") && OUTCOMES.includes(what.slice(7)) && fields.transaction === transaction,
    );
    if (!fact) return;
    if (this.voided.has(fact)) return this.tell("answer", { result: "voided" });
    this.voided.add(fact);
    const { grade = 0 } = fact.fields;
    this.record("voided", { supervisor: SUPERVISOR, about: fact.what.slice(7), transaction, grade });
    this.tell("answer", { result: "ok" });
    if (grade === 0) return;
    // The rules do not say of which day an outcome is that is voided while no clock tells, where the record had a time.
    if (!this.isClockKnown && this.pasts.get(transaction)?.day !== undefined) this.undecided ??= this.place;
    // The matter may be invited once more, or gets a card.
    const past = this.pastOf(transaction);
    past.isOver = false;
    past.isGraded = false;
    past.invites = Math.min(past.invites, MOST_INVITES - 1);
  }

  // --- what is seen ---

  /** Texts on the display; undefined: nothing is stated. */
  private shows(): readonly string[] | undefined {
    const text = this.mainText();
    if (text === undefined) return undefined;
    const neighbour = this.life.hall.neighbours.find((counter) => this.neighbours.get(counter)?.state === "open");
    // Citizens are sent to a neighbour that is open.
    if (neighbour === undefined || !["无人在岗", "午休", "暂停服务"].includes(text)) return [text];
    return [...(text === "无人在岗" ? [] : [text]), `请到${neighbour}号窗口`];
  }

  /** The main text of the display; undefined: nothing is stated. */
  private mainText(): string | undefined {
    const { clerk, nowMs } = this;
    if (this.isKeyHeld) return undefined;
    if (this.emergency !== undefined) return this.emergency;
    // A rating goes on while an approval is asked for.
    if (this.wish) return this.session || this.rating || nowMs < this.thanksUntilMs ? undefined : "需要批准";
    if (this.session) return "请对我的服务";
    if (nowMs < this.thanksUntilMs) return undefined;
    if (this.rating) return "请选择原因，可不选";
    const isBefore = this.isClockKnown && this.timetable.isBeforeOpening(nowMs);
    const isOpen = !this.isClockKnown || this.timetable.stretch(nowMs) !== undefined;
    const isLunch = !isOpen && !isBefore && !this.isClosed();
    if (this.pause) {
      if (isLunch || (isOpen && this.pause.reason === "lunch")) return "午休";
      return isOpen ? (OFFERED.indexOf(this.pause.reason) < 3 ? "暂时离开" : "暂停服务") : undefined;
    }
    if (clerk) return isBefore && !this.life.hall.opensEarly ? "准备中" : clerk.staff;
    if (isOpen) return "无人在岗";
    if (isBefore) return "准备中";
    if (isLunch) return "午休";
    return this.waiting > 0 ? "暂停服务" : "已下班";
  }

  /** The pause light is lit exactly while citizens cannot be served. */
  private isPauseLit(): boolean | undefined {
    if (!this.isOn) return false;
    if (this.pause) return true;
    if (this.clerk) return false;
    if (this.isExpected()) return true;
    // What is shown to citizens who wait before opening and at lunch is not stated.
    return this.waiting > 0 ? undefined : false;
  }
}
