// Which rules do not meet: nothing that happens at a counter is decided by both. Every other pair meets, and needs a scenario that proves both: a test fails for one that
// has none. So a new rule meets every other one, until somebody who knows the counter says why not. `npm run rules -- --matrix` shows the pairs.

import { RULES } from "./schema.js";

/** A rule, those that it does not meet, and why; the reason calls the other one "this rule". Each pair stands once, with the rule that acts on fewer others. */
interface Apart {
  readonly rule: string;
  /** Ids, separated by spaces. */
  readonly from: string;
  readonly because: string;
}

export const APART: readonly Apart[] = [
  {
    rule: "A11",
    from: "E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E12 E13 E14 E15 E16 E17 A2 A3 A4 A5 A6 A7 A8 A9 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 R1 R2 R3 R5 R6 R8 R9 R10",
    because:
      "a department is a line of the staff card, and the supervisor of the day one of a counter that does not serve; nothing follows from them",
  },
  {
    rule: "P13",
    from: "E1 E2 E3 E4 E5 E6 E8 E9 E10 E11 E12 E13 E14 E15 E16 E17 A1 A2 A3 A4 A5 A6 A7 A8 A9 P2 P3 P5 P6 P10 R1 R2 R3 R5 R6 R7 R9 R10",
    because: "it is a line under the sign of a counter that does not serve, where nothing of this rule happens, and nothing follows from it",
  },
  {
    rule: "R3",
    from: "E1 E2 E3 E4 E5 E6 E7 E8 E10 E12 E13 E14 E15 E16 E17 A1 A2 A3 A4 A5 A6 A8 A9 A10 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 R5 R6 R9 R10",
    because: "the chain covers every record alike, whatever it says",
  },
  {
    rule: "R6",
    from: "E1 E2 E4 E5 E6 E8 E9 E10 E11 E12 E14 E15 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 R1 R2 R4 R5 R7 R8 R9 R10",
    because: "an id is checked before any rule sees it, and a rating could be shown only by E4, E7 and E13",
  },
  {
    rule: "R1",
    from: "E1 E2 E3 E4 E5 E6 E7 E8 E10 E12 E13 E14 E15 E16 E17 A1 A3 A5 A6 A8 A9 A10 P1 P2 P3 P4 P6 P7 P8 P9 P11 P12 R2 R8 R9",
    because: "every rule's own scenarios list the records that it writes",
  },
  {
    rule: "R5",
    from: "E1 E2 E4 E5 E6 E7 E8 E11 E13 E14 E15 E16 E17 A1 A2 A3 A4 A5 A6 A7 A9 A10 P1 P5 P6 P7 P8 P9 P11 R2 R7 R9 R10",
    because: "a part that fails is told alike whatever the counter does; what stops ratings is E9, and keys are E12",
  },
  {
    rule: "R7",
    from: "E1 E3 E4 E5 E6 E7 E8 E12 E13 E14 E15 E16 E17 A1 A2 A3 A4 A5 A6 A9 A10 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 R2 R8 R9 R10",
    because: "the key of a command is checked before the command is read; without the key nothing happens, whatever it asks for",
  },
  {
    rule: "R10",
    from: "E1 E2 E3 E4 E6 E7 E9 E10 E11 E12 E13 E14 E15 E16 A1 A2 A4 A5 A6 A7 A8 A9 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 R2 R8",
    because: "a length is the time between two records, and nothing between them changes it",
  },
  {
    rule: "R8",
    from: "E1 E3 E4 E5 E7 E8 E9 E10 E11 E12 E13 E14 E15 E16 E17 A1 A4 A7 A8 P2 P3 P4 P5 P8 P10 P11 P12 R9",
    because: "it measures by the clock that nobody sets, or it reads the wall clock through the timetable (P9)",
  },
  {
    rule: "R9",
    from: "E2 E3 E4 E6 E9 E10 E12 E14 E15 E16 A1 A2 A3 A5 A6 A7 A8 A9 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12",
    because: "it is about one clerk: two names stand only where somebody takes over (A4) or leaves a matter open (E5)",
  },
  {
    rule: "R2",
    from: "E1 E2 E3 E4 E6 E7 E8 E10 E12 E13 E14 E15 E16 E17 A1 A2 A3 A5 A6 A7 A9 A10 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12",
    because: "totals count outcomes, cards and missed invites, and this rule makes none",
  },
  {
    rule: "E10",
    from: "E1 E2 E3 E4 E5 E7 E11 E15 E16 E17 A1 A2 A4 A5 A7 A8 A9 A10 P3 P4 P5 P7 P10 R4",
    because: "its figures are the same in every source; the schema of the configuration proves their bounds",
  },
  {
    rule: "A8",
    from: "E2 E4 E5 E6 E7 E8 E11 E12 E13 E14 E15 E16 E17 A1 A2 A3 A6 A7 A9 A10 P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12",
    because: "the roster decides at a badge and at a start, and nothing of this rule happens there",
  },
  {
    rule: "A1",
    from: "E2 E3 E4 E5 E6 E7 E8 E9 E11 E12 E13 E14 E15 E16 E17 A3 A5 A6 A7 A9 A10 P1 P3 P4 P5 P6 P7 P8 P9 P11 P12",
    because: "the staff card stands where nothing else has to be shown, and decides nothing",
  },
  {
    rule: "A9",
    from: "E1 E2 E3 E4 E5 E6 E7 E8 E9 E11 E12 E13 E14 E15 E16 E17 A5 P3 P4 P5 P6 P8 P10 R4",
    because: "minutes before closing are a figure of a sign-out, and nothing follows from it but an alert",
  },
  {
    rule: "A3",
    from: "E2 E4 E6 E7 E8 E11 E12 E13 E14 E15 A2 A5 A6 A7 A10 P3 P4 P5 P6 P10 P12",
    because: "punctuality is a figure of a sign-in, and before opening no citizen is served",
  },
  {
    rule: "P4",
    from: "E1 E2 E3 E4 E6 E7 E8 E9 E11 E12 E13 E14 E15 E16 A2 A4 A5 A7 P5 P6 P7 P8 P9 R4",
    because: "where to go is a line under the sign of a counter that does not serve, where nothing of this rule happens",
  },
  {
    rule: "P3",
    from: "E2 E3 E4 E5 E6 E7 E8 E11 E13 E14 E15 E17 A2 A5 A6 A7 P2 P5 P6 P7 P8 P9 P10 P11",
    because: "a notice stands only on a counter where nothing else is shown, and nothing follows from it",
  },
  {
    rule: "A6",
    from: "E1 E2 E3 E4 E5 E6 E7 E8 E9 E11 E12 E13 E15 E16 E17 A4 P5 P7 P8",
    because: "the alarm of an empty counter follows from hours and from who comes and goes, and nothing shows it",
  },
  {
    rule: "P9",
    from: "E1 E2 E4 E5 E6 E7 E8 E11 E12 E13 E14 E16 E17 A2 A4 A5 A7 P1 P5 P10 P12",
    because: "the timetable acts through the states before, open, break and after, which A3, P7, P8 and P11 prove",
  },
  {
    rule: "P11",
    from: "E1 E2 E4 E5 E6 E7 E8 E9 E11 E12 E13 E14 E15 A2 A4 A5 A7 A10 P10 R4",
    because: "whoever is at the counter at lunch serves as at any hour (P8), and nothing of this rule is another then",
  },
  {
    rule: "P8",
    from: "E1 E2 E4 E5 E6 E7 E8 E11 E12 E13 E14 E15 E17 A2 A4 A5 A7 A10 P1 P5 P6 P12 R4",
    because: "what a timetable says is hidden by a clerk who is there, whatever the clerk does",
  },
  {
    rule: "A10",
    from: "E1 E3 E4 E7 E8 E11 E12 E13 E14 E15 E16 E17 A5 A7 P10 P12",
    because: "in the night nobody is served, and nothing of this rule goes on",
  },
  {
    rule: "P6",
    from: "E1 E2 E3 E4 E5 E7 E8 E9 E11 E12 E13 E14 E15 E16 E17 A2 A5",
    because: "the alert of a long pause is sent where nobody is served, and nothing shows it",
  },
  {
    rule: "A5",
    from: "E2 E5 E6 E7 E8 E9 E11 E12 E13 E15 E16 E17 P7 P10 R4",
    because: "a badge that is refused leaves a record and a notice, and changes nothing else",
  },
  {
    rule: "P10",
    from: "E1 E2 E5 E6 E8 E11 E13 A4 R4",
    because: "it happens in the terminal alone, and the host hears of it by records, later or at once",
  },
  {
    rule: "P2",
    from: "E2 E3 E5 E6 E8 E11 E13 E14 E15 E17",
    because: "the light tells whether the counter serves, which this rule does not change",
  },
  {
    rule: "E14",
    from: "E1 E2 E3 E4 E5 E6 E9 E11 E12 E13 E15 E16 E17",
    because: "a visit is recorded, and nothing else follows from it",
  },
  {
    rule: "E7",
    from: "E1 E3 E5 E6 E9 E15 E16 E17 A2 A7 P5 P7",
    because: "the alert goes out beside everything else, and nothing shows it",
  },
  {
    rule: "E12",
    from: "E1 E4 E6 E8 E11 E16 E17 A4 A7 P5 P7",
    because: "a key that fails is told alike at any moment; what follows for citizens is E9",
  },
  {
    rule: "E11",
    from: "E1 E3 E4 E8 E15 E16 E17 A2 P1 P5 P7 P12",
    because: "a mark stands in the record of a rating, and nothing else follows from it",
  },
  {
    rule: "E13",
    from: "E5 E9 E16 E17 A2 A7 P1 P5 P7 R4",
    because: "it is about presses of a citizen who is asked, and this rule is about another moment",
  },
  {
    rule: "E17",
    from: "E6 A2",
    because: "a citizen is sent on where nobody is asked and nothing is shown, and the matter is over with it",
  },
  {
    rule: "E16",
    from: "E5 E6 A2 A7",
    because: "a greeting stands for some seconds where nothing else is shown, and nothing follows from it",
  },
  {
    rule: "E15",
    from: "E1 E4 E5 E8 E9 A2 A7",
    because: "the long time is a figure of the rating of one citizen, and this rule takes no time from it",
  },
  {
    rule: "P7",
    from: "E1 E8",
    because: "closing changes nothing for who is at the counter, and this rule signs nobody out",
  },
  {
    rule: "P5",
    from: "E1",
    because: "an approval is asked of clerks who want to go, and nobody wants that here",
  },
  {
    rule: "A7",
    from: "E3 E8",
    because: "it asks for no approval",
  },
  {
    rule: "E1",
    from: "E2 E5 E6 E9",
    because: "it is about the clerk of a rating; who is named elsewhere is R9",
  },
  {
    rule: "E9",
    from: "E4 E8",
    because: "on paper no rating is asked for",
  },
  {
    rule: "E8",
    from: "E4",
    because: "reasons are offered behind a rating, when this rule is over",
  },
  {
    rule: "E6",
    from: "E4",
    because: "a time-out ends an invite, and this rule is about another moment",
  },
  {
    rule: "E5",
    from: "E4",
    because: "a missed invite is found at the end of a matter, and this rule is about another moment",
  },
  {
    rule: "E4",
    from: "E2 R4",
    because: "the thanks stand behind a rating, and this rule is about another moment",
  },
];

/** Names a pair, in the order of the rules. */
export function pairOf(one: string, other: string): string {
  return RULES.indexOf(one) < RULES.indexOf(other) ? `${one} ${other}` : `${other} ${one}`;
}

/** Why two rules do not meet, by the name of their pair. */
export function reasonsApart(): ReadonlyMap<string, string> {
  return new Map(APART.flatMap(({ rule, from, because }) => from.split(" ").map((other) => [pairOf(rule, other), because])));
}
