// What tries each line of the table in firmware/THREATS.md. threats.test.ts compares it with the page, and with the cases, scenarios and tests that exist.

/** The beginning of a line's first cell. */
export interface Threat {
  readonly who: string;
  /** Names of cases of the attackers: of terminals, receivers, counters, consoles and packages. */
  readonly cases: readonly string[];
  /** Scenarios and other tests, for what no message can try. */
  readonly files?: readonly string[];
}

const RULES = "test/scenarios/rules/";

export const THREATS: readonly Threat[] = [
  {
    who: "a citizen or passer-by at the keys",
    cases: [
      "a passer-by presses every key where nobody is asked: no clerk is there, one is, and before the invite",
      "a citizen presses all keys a hundred times within one rating",
      "a citizen presses two keys at once, in every pair, and then one",
      "somebody else than the citizen presses while the rating is open, which no terminal can tell",
      "somebody watches and listens at the counter to learn the grade",
    ],
    files: [
      "test/scenarios/press-before-invite.yaml",
      "test/scenarios/second-press.yaml",
      "test/scenarios/two-keys-at-once.yaml",
      `${RULES}e11-allows-a-fast-press-marked.yaml`,
      `${RULES}e11-allows-several-keys-marked.yaml`,
      "test/properties/invariants.test.ts",
    ],
  },
  {
    who: "a clerk who wants good ratings",
    cases: [
      "a clerk ends matters of the host without an invite, and by the next citizen, a pause and going home",
      "a clerk serves without the host and invites nobody, which nothing notices",
      "a clerk cuts the power behind a bad press, and asks again",
      "a clerk cuts the power while the citizen is asked, again and again",
      "a clerk presses the best key for citizens who are not there, fast and often",
      "a clerk blocks the worst key, and one that only chatters",
    ],
    files: [
      "test/scenarios/host-invites-nobody.yaml",
      `${RULES}e02-forbids-a-second-rating-after-a-power-cut.yaml`,
      `${RULES}e12-forbids-a-stuck-key-unnoticed.yaml`,
      `${RULES}r04-allows-an-open-rating-after-a-power-cut.yaml`,
      "test/scenarios/same-thanks-for-every-grade.yaml",
    ],
  },
  {
    who: "a clerk with somebody else's badge",
    cases: [
      "badges of strangers, of people who may not work here, and of nobody",
      "a clerk approves with the badge of a stranger, of another clerk, and the own one",
      "a copy of a badge is used while its owner is away, which no terminal can tell",
      "one badge is on duty at two counters, as the owner and whoever has copied it",
    ],
    files: [
      `${RULES}a05-forbids-one-badge-at-two-counters.yaml`,
      `${RULES}a05-forbids-revoked-badge.yaml`,
      `${RULES}a05-forbids-unknown-badge.yaml`,
      `${RULES}a05-forbids-an-approval-by-a-strange-badge.yaml`,
    ],
  },
  {
    who: "somebody on the cable, or with write access",
    cases: [
      "a stranger uses the id that the hall uses next",
      "an id comes again with another signed command",
      "a signed command is sent again, as it was",
      "the number of a signed command is used again",
      "a signed command in clear, and with a wrong MAC",
      "a command that was signed for another terminal",
      "an acknowledgement without a signature",
      "__proto__ in every escape, as a key",
      "objects and lists as fields",
      "numbers of a hundred digits, and long texts as numbers",
      "an object, a list, a number and a long text as the command",
      "numbers with an exponent that a slow parser multiplies out",
      "long texts where JSON has none",
      "states of a thousand invented neighbours",
      "names that every object has, as words",
      "noise, broken JSON, and lines at every length around the longest",
      "answers to other commands come under the ids that the hall uses",
      "a stranger repeats what honest terminals have sent, and spoils records of theirs",
      "the holder of one key uses the topics of another terminal",
      "somebody at the cable doubles, cuts, loses and spoils lines in both directions",
      "somebody at the cable repeats old lines, invents some, and pours out noise",
      "the holder of one key sends at the cable of another terminal",
      "a second receiver is started at the cable",
    ],
    files: ["test/espruino/fuzz.test.ts", "test/espruino/deaf-host.test.ts", `${RULES}r08-forbids-a-stranger-to-set-the-clock.yaml`],
  },
  {
    who: "somebody with an old copy of the flash",
    cases: [
      "what was signed before a restart",
      "what was signed before the flash was restored from a copy",
      "a board is replaced under its name and key, over TCP, while the receiver runs and before it starts",
      "a board is replaced under its name and key, on the same topic of a broker",
      "two boards with one flash are alive, and go on with records of their own",
      "a board is replaced under its name and key, at the same cable, while the receiver runs and before it starts",
      "two boards with one flash are alive at one cable that somebody has split",
    ],
    files: ["test/firmware/hall/one-name.test.ts", "test/espruino/log-name.test.ts"],
  },
  {
    who: "thousands of strangers at the receiver's port",
    cases: [
      "hundreds of strangers connect from one address, a thousand from many, and stay silent",
      "a stranger connects and stays silent, and another one talks without end",
      "strangers talk: noise, half lines, lines without an end, a hundred thousand short ones",
      "five thousand invented names on one connection, and the names of honest ones without their keys",
      "a broker sends 250 MB, packets without an end, and names that it invents",
      "two receivers of two halls at one broker, and two with one client id",
      "two addresses are given, and they lead to one broker",
      "the holder of one key sends records and messages that no database takes",
      "the holder of one key writes escape sequences into every text",
      "a terminal with a name that no terminal may have, and with its key in another folder",
      "a terminal falls silent, and its connection stays",
    ],
  },
  {
    who: "somebody who reads the broker",
    cases: [
      "somebody reads all that is sent: staff numbers and grades, and neither key, name nor citizen",
      "somebody reads every topic of a broker, and has staff numbers, grades and commands, and no key",
    ],
    files: ["test/espruino/tls.test.ts"],
  },
  {
    who: "somebody between a terminal and its broker",
    cases: [
      "a stranger repeats what honest terminals have sent, and spoils records of theirs",
      "a broker sends 250 MB, packets without an end, and names that it invents",
      "an acknowledgement without a signature",
    ],
  },
  {
    who: "somebody with a computer at the counter",
    cases: [
      "everything that gets into an open console is typed at a closed one",
      "somebody types at the console all the time while the terminal starts",
      "what opens a console is typed at the link",
    ],
    files: [`${RULES}r07-forbids-a-console.yaml`, `${RULES}r07-allows-a-maintainer-to-open-the-console.yaml`],
  },
  {
    who: "a thief, or somebody who opens the case",
    cases: ["the key file of a terminal is taken away", "a command that was signed for another terminal"],
  },
  {
    who: "a technician",
    cases: [
      "somebody opens the console, restarts, and changes the files without a name, as a stranger, and as a maintainer",
      "nobody answers while a terminal's files are made, and others look for its key there",
    ],
    files: ["test/firmware/tools/secrets.test.ts", `${RULES}r07-forbids-half-a-roster-after-a-power-cut.yaml`],
  },
  {
    who: "whoever runs the hall's PC",
    cases: [
      "others on the computer look for what the receiver has written",
      "requests at the control socket that are none",
      "whoever reads its output goes away",
      "a key file that cannot be read: a folder, half a key, noise, an empty file, and none",
      "a second receiver is started on the database",
      "the receiver is killed again and again while it fetches records back into a restored database",
      "the database is deleted while the receiver runs",
      "the database is cut while the receiver runs",
      "the log of the database is deleted while the receiver runs",
      "somebody writes into the database while the receiver runs",
      "a copy takes the place of the database while the receiver runs",
      "another program changes the database by SQLite while the receiver runs",
      "the database is deleted, cut or damaged before the receiver starts",
      "an older copy of the database comes back, in a hall that has gone on since",
      "the database is of a newer version",
      "the database can only be read when the receiver starts",
      "the disk takes nothing more, and then it does",
      "the disk becomes read-only, fills up, and fails, and is well again each time",
      "the disk takes the database and not its witness",
      "the output of the receiver goes to a file, and the disk of both fills up and fails",
      "the receiver is killed while its disk fails",
      "the power goes while the disk fails, and takes what the disk had not promised",
      "the power goes again and again while terminals send",
      "an older copy is written over the database while the receiver runs, and it is killed before it notices",
    ],
    files: ["test/firmware/tools/ledger/ledger-tampering.test.ts"],
  },
  {
    who: "somebody who publishes a bad package",
    cases: [
      "a package wants to run something when it is installed, and runs where it is used",
      "a package comes with other bytes than those of the lock file",
      "the lock file names packages without a version, from elsewhere, or by a link",
    ],
    files: ["test/attack/threats.test.ts", "test/package.test.ts"],
  },
];
