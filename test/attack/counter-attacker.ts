// An attacker who stands at the counter, written from BEHAVIOUR.md, PROTOCOL.md and FORMAT.md alone: citizens, passers-by, clerks, people with somebody else's badge, whoever
// listens, and the technician. It has fingers, badges, the switch of the power and the host's end of the link, and imports nothing of the project. Where the threat model says
// that something is not prevented, the case shows how far it goes, and no further.

import { createHash, createHmac } from "node:crypto";
import { lineOf, type Message, sealed } from "./honest-terminal.js";

/** The keys from left to right; the first is the best grade. */
const CITIZEN_KEYS = ["key1", "key2", "key3", "key4", "key5"] as const;
export type CounterKey = (typeof CITIZEN_KEYS)[number] | "invite" | "pause";

/** A terminal on its counter, as people have it in front of them. */
export interface Counter {
  press(key: CounterKey, isDown: boolean): void;
  tap(badge: string): void;
  switchPower(isOn: boolean): void;
  wait(ms: number): void;
  /** The host's end of the link sends a line. */
  send(line: string): void;
  /** The lines that have come out of the link since the last call. */
  takeLines(): string[];
  /** Everything that could be seen or heard since the last call, each with its time in ms since then. */
  takeNoticed(): string[];
  end(): void;
}

/** What the hall has given this terminal: what the attacker may know, and what it looks for. */
export interface Given {
  readonly key: Buffer;
  readonly clerk: Person;
  readonly colleague: Person;
  readonly supervisor: Person;
  readonly maintainer: Person;
  /** Badges that the roster refuses, with the reasons in FORMAT.md. */
  readonly refused: readonly (readonly [badge: string, reason: string])[];
}

export interface Person {
  readonly badge: string;
  readonly staff: string;
  readonly name: string;
}

export interface CounterCase {
  readonly name: string;
  /** @param open brings a terminal that was just switched on @returns what went wrong, or "" */
  run(open: () => Post, given: Given): string;
}

const [SIGN_IN, SIGN_OUT, SESSION, PAUSE_BEGAN, BADGE_REFUSED, FAULT_BEGAN, NOT_INVITED, ALERT, SWITCHED] = [2, 3, 4, 5, 7, 8, 11, 15, 23];
const [RATED, PENDING] = [0, 4];
const [SEVERAL, FAST, FREQUENT, POWER] = [1, 2, 4, 16];
const STEP_MS = 100;

interface Row {
  readonly type: number;
  readonly fields: readonly unknown[];
}

/** A counter, and the hall that stores and acknowledges what comes from it. */
export class Post {
  readonly rows: Row[] = [];
  readonly alerts: Message[] = [];
  readonly lines: string[] = [];
  /** What the attacker has done. */
  inputs = 0;
  private hello: Message = {};
  private answers: Message[] = [];
  private number = 0;
  private known = 0;

  constructor(
    readonly counter: Counter,
    private readonly key: Buffer,
  ) {
    this.wait(1000);
  }

  wait(ms: number): void {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.counter.wait(Math.min(left, STEP_MS));
      for (const line of this.counter.takeLines()) this.hear(line);
    }
  }

  push(key: CounterKey, holdMs = 100): void {
    this.inputs++;
    this.counter.press(key, true);
    this.wait(holdMs);
    this.counter.press(key, false);
    this.wait(100);
  }

  tap(badge: string, thenMs = 4000): void {
    this.inputs++;
    this.counter.tap(badge);
    this.wait(thenMs);
  }

  /** Takes the power for a moment. */
  blink(): void {
    this.inputs++;
    this.counter.switchPower(false);
    this.counter.wait(2000);
    this.counter.switchPower(true);
    this.wait(2000);
  }

  /** Bytes on the link as they are. */
  say(line: string): void {
    this.inputs++;
    this.counter.send(line);
    this.wait(200);
  }

  /** A plain command. @returns its result or its error */
  ask(command: Message): unknown {
    const id = `c${this.inputs}`;
    return this.answered(JSON.stringify({ id, ...command }));
  }

  /** A command that the key has signed. @returns its result or its error */
  order(command: Message): unknown {
    const text = JSON.stringify({ ...command, n: ++this.number, start: this.hello.start });
    const mac = createHmac("sha256", this.key).update(`command:${text}`, "latin1").digest("base64");
    return this.answered(JSON.stringify({ id: `s${this.inputs}`, signed: text, mac }));
  }

  private answered(text: string): unknown {
    const of = createHash("sha256").update(text, "latin1").digest("base64").slice(0, 16);
    this.say(lineOf(text).trimEnd());
    const answer = this.answers.find((each) => each.of === of);
    return answer?.result ?? answer?.error;
  }

  /** The records of a type, in order. */
  of(type: number): (readonly unknown[])[] {
    return this.rows.filter((row) => row.type === type).map(({ fields }) => fields);
  }

  private hear(line: string): void {
    this.lines.push(line);
    const text = line.slice(0, -9);
    const message = JSON.parse(text) as Message;
    const { mac, ...body } = message;
    if (`${line}\n` !== lineOf(text) || sealed(this.key, body) !== text) throw new Error(`a line that is not the terminal's: ${line} ${mac}`);
    if ("hello" in message) {
      this.hello = message;
      this.number = message.signed as number;
      this.acknowledge();
    } else if ("answer" in message) this.answers.push(message);
    else if ("alert" in message) this.alerts.push(message);
    else if ("record" in message) this.keep(message.seq as number, Buffer.from(message.record as string, "base64"));
  }

  private keep(seq: number, bytes: Buffer): void {
    if (seq === this.known + 1) {
      this.known = seq;
      this.rows.push(rowOf(bytes));
    }
    this.acknowledge();
  }

  private acknowledge(): void {
    const text = JSON.stringify({ do: "acknowledge", start: this.hello.start, seq: this.known });
    const mac = createHmac("sha256", this.key).update(`command:${text}`, "latin1").digest("base64");
    this.counter.send(lineOf(JSON.stringify({ signed: text, mac })).trimEnd());
  }
}

/** What stands in a record for everybody, without any key. */
function rowOf(bytes: Buffer): Row {
  return { type: (bytes[1] as number) & 127, fields: JSON.parse(`[${bytes.subarray(16, -12).toString("latin1")}]`) as unknown[] };
}

/** A clerk is on duty, and has no citizen. */
function opened(open: () => Post, { clerk }: Given): Post {
  const post = open();
  post.tap(clerk.badge);
  return post;
}

function same(what: string, found: unknown, wanted: unknown): string {
  const [one, two] = [JSON.stringify(found), JSON.stringify(wanted)];
  return one === two ? "" : `${what}: ${one}, not ${two}`;
}

/** Outcome, grade and marks of all ratings. */
function ratings(post: Post): unknown[] {
  return post.of(SESSION).map(([, , outcome, grade, , marks = 0]) => [outcome, grade, marks]);
}

/** Every form in which a secret may be sent. */
function formsOf(secret: Buffer): string[] {
  const pads = [0, 0x36, 0x5c].map((pad) => Buffer.from(secret.map((byte) => byte ^ pad)));
  return pads.flatMap((bytes) => [bytes.toString("latin1"), bytes.toString("hex"), bytes.toString("base64").slice(0, -2)]);
}

/** A text as messages and records have it: beyond ASCII by its escapes. */
function escaped(text: string): string {
  return text.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export const COUNTER_CASES: readonly CounterCase[] = [
  {
    name: "a passer-by presses every key where nobody is asked: no clerk is there, one is, and before the invite",
    run(open, given) {
      const post = open();
      const pressAll = (): void => {
        for (let i = 0; i < 20; i++) for (const key of CITIZEN_KEYS) post.push(key);
      };
      pressAll();
      post.tap(given.clerk.badge);
      pressAll();
      post.ask({ do: "open", transaction: "T-1" });
      pressAll();
      const invented = same("ratings that nobody was asked for", ratings(post), []);
      post.push("invite");
      post.wait(1000);
      post.push("key2");
      return invented || same("the rating that was asked for", ratings(post), [[RATED, 4, 0]]);
    },
  },
  {
    name: "a citizen presses all keys a hundred times within one rating",
    run(open, given) {
      const post = opened(open, given);
      post.push("invite");
      post.wait(1000);
      post.push("key5");
      for (let i = 0; i < 100; i++) post.push(CITIZEN_KEYS[i % 5] as CounterKey, 30);
      return same("ratings", ratings(post), [[RATED, 1, 0]]);
    },
  },
  {
    name: "a citizen presses two keys at once, in every pair, and then one",
    run(open, given) {
      for (const [i, one] of CITIZEN_KEYS.entries())
        for (const two of CITIZEN_KEYS.slice(i + 1)) {
          const post = opened(open, given);
          post.push("invite");
          post.wait(1000);
          post.inputs++;
          post.counter.press(one, true);
          post.wait(20);
          post.counter.press(two, true);
          post.wait(200);
          post.counter.press(one, false);
          post.counter.press(two, false);
          post.wait(2000);
          const problem = same(`${one} and ${two} at once`, ratings(post), []);
          post.push("key3");
          const wrong = problem || same("the single press behind them", ratings(post), [[RATED, 3, SEVERAL]]);
          if (wrong) return wrong;
        }
      return "";
    },
  },
  {
    name: "somebody else than the citizen presses while the rating is open, which no terminal can tell",
    run(open, given) {
      const post = opened(open, given);
      post.ask({ do: "open", transaction: "T-1" });
      post.push("invite");
      post.wait(3000);
      post.push("key1");
      post.wait(10_000);
      post.push("key5");
      // It counts once, as pressed, and what comes later changes nothing.
      return same("ratings", ratings(post), [[RATED, 5, 0]]);
    },
  },
  {
    name: "somebody watches and listens at the counter to learn the grade",
    run(open, given) {
      const noticed = CITIZEN_KEYS.map((key) => {
        const post = opened(open, given);
        post.push("invite");
        post.wait(2000);
        post.counter.takeNoticed();
        post.push(key);
        post.wait(60_000);
        const [[, grade]] = ratings(post) as [[number, number]];
        return { grade, all: post.counter.takeNoticed() };
      });
      const grades = same(
        "the grades",
        noticed.map(({ grade }) => grade),
        [5, 4, 3, 2, 1],
      );
      if (grades) return grades;
      if ((noticed[0]?.all.length ?? 0) < 6) return "the counter shows nothing at all";
      const telling = noticed.find(({ all }) => JSON.stringify(all) !== JSON.stringify(noticed[0]?.all));
      return telling ? `grade ${telling.grade} looks or sounds other than grade 5` : "";
    },
  },
  {
    name: "a clerk ends matters of the host without an invite, and by the next citizen, a pause and going home",
    run(open, given) {
      const post = opened(open, given);
      post.ask({ do: "open", transaction: "T-1" });
      post.wait(5000);
      post.ask({ do: "open", transaction: "T-2" });
      post.wait(5000);
      post.ask({ do: "finish", transaction: "T-2" });
      post.ask({ do: "open", transaction: "T-3" });
      post.push("pause");
      post.tap(given.clerk.badge);
      post.wait(20_000);
      const left = same("pauses and sign-outs over an open matter", [...post.of(PAUSE_BEGAN), ...post.of(SIGN_OUT)], []);
      post.ask({ do: "finish" });
      const missed = post.of(NOT_INVITED).map(([staff, transaction]) => [staff, transaction]);
      const wanted = ["T-1", "T-2", "T-3"].map((transaction) => [given.clerk.staff, transaction]);
      return left || same("missed invites", missed, wanted);
    },
  },
  {
    name: "a clerk serves without the host and invites nobody, which nothing notices",
    run(open, given) {
      const post = opened(open, given);
      const before = post.rows.length;
      post.wait(600_000);
      return same(
        "records of such a quarter",
        post.rows.slice(before).filter(({ type }) => type === NOT_INVITED || type === SESSION),
        [],
      );
    },
  },
  {
    name: "a clerk cuts the power behind a bad press, and asks again",
    run(open, given) {
      const post = opened(open, given);
      post.ask({ do: "open", transaction: "T-1" });
      post.ask({ do: "invite", transaction: "T-1" });
      post.wait(2000);
      post.inputs++;
      post.counter.press("key5", true);
      post.wait(100);
      post.counter.press("key5", false);
      post.blink();
      const again = post.ask({ do: "invite", transaction: "T-1" });
      post.push("key1");
      post.wait(1000);
      return same("another invite", again, "finished") || same("ratings", ratings(post), [[RATED, 1, 0]]);
    },
  },
  {
    name: "a clerk cuts the power while the citizen is asked, again and again",
    run(open, given) {
      const post = opened(open, given);
      post.ask({ do: "invite", transaction: "T-1" });
      for (let i = 0; i < 5; i++) {
        post.wait(1000);
        post.blink();
      }
      post.push("key5");
      post.wait(1000);
      const outcomes = post.of(SESSION).map(([, transaction, outcome, grade, , marks = 0]) => [transaction, outcome, grade, marks]);
      // The rating is still there, and says that the power went.
      return same("what became of the rating", outcomes, [
        ["T-1", PENDING, 0, 0],
        ["T-1", RATED, 1, POWER],
      ]);
    },
  },
  {
    name: "a clerk presses the best key for citizens who are not there, fast and often",
    run(open, given) {
      const post = opened(open, given);
      for (let i = 0; i < 12; i++) {
        post.inputs++;
        post.counter.press("invite", true);
        post.wait(100);
        post.counter.press("invite", false);
        post.push("key1");
        post.wait(5500);
      }
      const found = ratings(post) as number[][];
      if (found.length !== 12) return `${found.length} ratings of 12 are there`;
      const unmarked = found.filter(([, , marks]) => ((marks as number) & FAST) === 0);
      if (unmarked.length > 0) return `${unmarked.length} are not marked as faster than anybody reads`;
      // The count begins anew each minute.
      const frequent = found.filter(([, , marks]) => ((marks as number) & FREQUENT) !== 0).length;
      return frequent >= 3 ? "" : `of 12 in a good minute only ${frequent} are marked as too many`;
    },
  },
  {
    name: "a clerk blocks the worst key, and one that only chatters",
    run(open, given) {
      const post = opened(open, given);
      post.inputs++;
      post.counter.press("key5", true);
      post.wait(60_000);
      const keys = (): unknown[] => post.of(FAULT_BEGAN).filter(([fault]) => fault === "key");
      const stuck = same("faults of a key that is held", keys(), [["key", "key5 stuck"]]);
      const told = same(
        "alerts of it",
        post.alerts.map(({ alert, detail }) => [alert, detail]),
        [["key", "key5 stuck"]],
      );
      post.push("invite");
      post.wait(1000);
      post.push("key1");
      const other = opened(open, given);
      for (let i = 0; i < 600; i++) {
        other.counter.press("key5", i % 2 === 0);
        other.wait(7);
      }
      other.inputs += 600;
      other.wait(5000);
      const found = other.of(FAULT_BEGAN).filter(([fault]) => fault === "key");
      const wrong = same("faults of a key that does not come to rest", found, [["key", "key5 chatters"]]);
      return stuck || told || same("ratings without the key", ratings(post), []) || wrong || same("ratings of its own", ratings(other), []);
    },
  },
  {
    name: "badges of strangers, of people who may not work here, and of nobody",
    run(open, given) {
      const post = open();
      for (const [badge] of given.refused) post.tap(badge);
      const wanted = given.refused.map(([badge, reason]) => [badge, reason]);
      const refused = same("refusals", post.of(BADGE_REFUSED), wanted);
      post.tap("0".repeat(26));
      post.tap("1".repeat(26));
      post.tap("010101");
      post.tap(given.supervisor.badge);
      post.tap(given.maintainer.badge);
      post.push("invite");
      return refused || same("sign-ins", post.of(SIGN_IN), []) || same("ratings", post.of(SESSION), []);
    },
  },
  {
    name: "a clerk approves with the badge of a stranger, of another clerk, and the own one",
    run(open, given) {
      const post = opened(open, given);
      post.ask({ do: "open", transaction: "T-1" });
      for (const badge of [given.clerk.badge, ...given.refused.map(([each]) => each)]) {
        post.push("pause");
        post.tap(badge, 20_000);
      }
      const wrong = same("pauses", post.of(PAUSE_BEGAN), []);
      post.push("pause");
      post.tap(given.supervisor.badge);
      const right = post.of(PAUSE_BEGAN).map(([staff, , by]) => [staff, by]);
      return wrong || same("the approved pause", right, [[given.clerk.staff, given.supervisor.staff]]);
    },
  },
  {
    name: "a copy of a badge is used while its owner is away, which no terminal can tell",
    run(open, given) {
      const post = open();
      post.tap(given.colleague.badge);
      post.push("invite");
      post.wait(2000);
      post.push("key1");
      const signedIn = post.of(SIGN_IN).map(([staff, badge]) => [staff, badge]);
      const wanted = [[given.colleague.staff, given.colleague.badge]];
      // Each use is a record, with the badge, for whoever compares it with where the owner was.
      return (
        same("sign-ins", signedIn, wanted) ||
        same(
          "who was rated",
          post.of(SESSION).map(([staff]) => staff),
          [given.colleague.staff],
        )
      );
    },
  },
  {
    name: "somebody reads all that is sent: staff numbers and grades, and neither key, name nor citizen",
    run(open, given) {
      const post = opened(open, given);
      post.ask({ do: "invite", transaction: "T-1" });
      post.wait(2000);
      post.push("key5");
      post.wait(10_000);
      for (const [badge] of given.refused) post.tap(badge);
      const orders = [post.order({ do: "unlock", by: given.maintainer.staff })];
      orders.push(post.order({ do: "card", staff: given.clerk.staff, transaction: "T-2", grade: 2, by: given.supervisor.staff }));
      post.ask({ do: "totals", row: `unknown ${given.clerk.staff}` });
      post.blink();
      const all = post.lines.join("\n");
      const bytes = post.lines.map((line) => Buffer.from(/"record":"([^"]+)"/.exec(line)?.[1] ?? "", "base64").toString("latin1")).join("\n");
      const read = same("signed commands", orders, ["ok", "ok"]) || same("what stands there for everybody", ratings(post), [[RATED, 1, 0]]);
      const people = [given.clerk, given.colleague, given.supervisor, given.maintainer].flatMap(({ name }) => [name, escaped(name)]);
      const secrets = [...formsOf(given.key), ...people.flatMap((name) => [name, Buffer.from(name, "utf8").toString("latin1")])];
      const found = secrets.find((secret) => all.includes(secret) || bytes.includes(secret));
      return read || (found === undefined ? "" : `a secret was sent: ${JSON.stringify(found)}`);
    },
  },
  {
    name: "what opens a console is typed at the link",
    run(open, given) {
      const post = opened(open, given);
      const before = [post.lines.length, post.rows.length];
      for (const typed of [
        'print("in"+6*7)',
        "\x03\x03",
        '\x10print("in"+6*7)',
        "\x05",
        "load()",
        "reset();",
        "E.setConsole(Serial1)",
        '{"id":1',
        "eval(1)",
        "\x1b[A",
        "require('Storage').eraseAll()",
        '{"id":1,"do":"invite"}',
      ])
        post.say(typed);
      post.wait(3000);
      const sent = post.lines.slice(before[0]).filter((line) => !/^\{"(hello|status)"/.test(line));
      const answered = same("what was sent behind it", sent, []) || same("records", post.rows.slice(before[1]), []);
      return answered || same("a right line behind it", post.ask({ do: "waiting", count: 0 }), "ok");
    },
  },
  {
    name: "somebody opens the console, restarts, and changes the files without a name, as a stranger, and as a maintainer",
    run(open, given) {
      const post = opened(open, given);
      const roster = Buffer.from("00000000\n");
      const file = { what: "roster", bytes: roster.length, sha256: createHash("sha256").update(roster).digest("hex") };
      for (const by of [undefined, "1", given.clerk.staff, given.supervisor.staff, "", 9003]) {
        const answer = post.order({ do: "unlock", by });
        if (answer !== "bad by") return `unlock by ${by} gets ${answer}`;
      }
      for (const command of [{ do: "replace", ...file }, { do: "restart" }]) {
        const answer = post.order(command);
        if (answer !== "bad by") return `${command.do} without a name gets ${answer}`;
      }
      for (const command of [{ do: "unlock" }, { do: "replace", ...file }, { do: "restart" }]) {
        const answer = post.ask({ ...command, by: given.maintainer.staff });
        if (answer !== "unsigned") return `${command.do} without the key gets ${answer}`;
      }
      const nothing = same("alerts", post.of(ALERT), []) || same("switches", post.of(SWITCHED), []);
      const done = [post.order({ do: "unlock", by: given.maintainer.staff }), post.order({ do: "restart", by: given.maintainer.staff })];
      post.wait(1000);
      const wanted = [
        ["unlock", given.maintainer.staff],
        ["restart", given.maintainer.staff],
      ];
      // Whoever has the key can do it, and both the records and the hall have the name that was given.
      return (
        nothing ||
        same("with the key", done, ["ok", "ok"]) ||
        same("records of it", post.of(ALERT), wanted) ||
        same(
          "alerts of it",
          post.alerts.map(({ alert, detail }) => [alert, detail]),
          wanted,
        )
      );
    },
  },
];

export interface CounterOutcome {
  readonly case: string;
  readonly outcome: string;
  /** Presses, badges, cuts and lines. */
  readonly inputs: number;
}

/**
 * Plays cases.
 * @param names of the cases; none: all of them
 */
export function attackCounter(open: () => Counter, given: Given, names: readonly string[]): CounterOutcome[] {
  return COUNTER_CASES.filter(({ name }) => names.length === 0 || names.includes(name)).map(({ name, run }) => {
    const posts: Post[] = [];
    let outcome: string;
    try {
      outcome =
        run(() => {
          const post = new Post(open(), given.key);
          posts.push(post);
          return post;
        }, given) || "held";
    } catch (error) {
      outcome = (error as Error).message;
    }
    for (const { counter } of posts) counter.end();
    return { case: name, outcome, inputs: posts.reduce((sum, { inputs }) => sum + inputs, 0) };
  });
}
