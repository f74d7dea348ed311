// Every view in every language on a display of 128x64 pixels: nothing runs off it, no line touches another, whoever is on duty.

import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Language, readConfig } from "../../firmware/config/config.js";
import type { Staff } from "../../firmware/config/roster.js";
import { type FontName, openGlyphs } from "../../firmware/display/glyphs.js";
import { layoutOf } from "../../firmware/display/layouts.js";
import { PHRASES, type PhraseId } from "../../firmware/display/phrases.js";
import { createScreen } from "../../firmware/display/screen.js";
import { type LayoutName, type View, viewOf } from "../../firmware/display/view.js";
import { createState, type State } from "../../firmware/terminal/state.js";
import { packConfig, parseConfig } from "../../firmware/tools/config-schema.js";
import { drawGlyphFile } from "../../firmware/tools/glyph-file.js";
import { seal } from "../../firmware/tools/seal.js";
import { parseSite, phrasesText, type Reason, type StoreFiles, storeFiles } from "../../firmware/tools/site.js";
import type { PixelDisplay } from "../../hal/display.js";
import { SIMULATED_KEY } from "../../sim/simulated-key.js";

const WIDTH = 128;
const HEIGHT = 64;
const LANGUAGES = Object.keys(PHRASES) as Language[];
const LAYOUTS: readonly LayoutName[] = ["title", "card", "prompt", "thanks", "notice", "technical", "list"];

/** One of the sample hall's clerks; and as long as a site file lets them be: a name of 6 characters, a post of 10 and a staff number of 8 digits. */
const USUAL = { name: "王小明", post: "综合受理", number: "1024" };
const LONGEST = { name: "欧阳静怡上官", post: "社会保障综合受理窗口", number: "20260001" };

/** A reason as long as a site file lets it be, under the codes of a full table. */
const REASONS: readonly Reason[] = [213, 214, 115, 1, 2, 3, 4, 5].map((code) => ({ code, text: "办理时间超过承诺期" }));

const LEAST = { version: 1, device: "a", counter: "8" };
const CONFIG = parseConfig(LEAST);

const ALL_TEXTS = [
  USUAL.post,
  ...LANGUAGES.flatMap((language) => Object.values(PHRASES[language])),
  ...REASONS.map(({ text }) => text),
  USUAL.name,
  LONGEST.name,
  LONGEST.post,
];
const ALL_GLYPHS = drawGlyphFile(ALL_TEXTS, ALL_TEXTS).toString("latin1");
const glyphs = openGlyphs(ALL_GLYPHS);

/** UTF-8 in a byte string, as the firmware has its texts. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A line of text as it was drawn: its box in pixels, right and bottom behind it. */
interface Line {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Shows a view on a display that takes down where the characters go, and does not cut them off. */
function show(view: View, language: Language, glyphFile = ALL_GLYPHS): readonly Line[] {
  const lines: Line[] = [];
  let cleared = 0;
  let flushed = 0;
  const display: PixelDisplay = {
    widthPixels: WIDTH,
    heightPixels: HEIGHT,
    clear: () => cleared++,
    fill: () => expect.unreachable("no view has bars"),
    blit(bits, width, height, x, y, scale) {
      expect(bits.length * 8).toBeGreaterThanOrEqual(width * height);
      const before = lines[lines.length - 1];
      if (before?.top === y) lines[lines.length - 1] = { ...before, right: x + width * scale };
      else lines.push({ left: x, top: y, right: x + width * scale, bottom: y + height * scale });
    },
    flush() {
      flushed++;
      return "ok";
    },
  };
  const store = { read: (name: string) => ({ glyphs: glyphFile, phrases: bytesOf(phrasesText(language, REASONS)) })[name] };
  createScreen(display, store).show(view);
  expect([cleared, flushed]).toEqual([1, 1]);
  return lines;
}

/** What is wrong with lines, in words. */
function faultsOf(lines: readonly Line[]): string[] {
  const faults: string[] = [];
  for (const [i, { left, top, right, bottom }] of lines.entries()) {
    if (left < 0 || right > WIDTH) faults.push(`line ${i + 1} is ${right - left} pixels wide, ${right - left - WIDTH} too many`);
    if (top < 0 || bottom > HEIGHT) faults.push(`line ${i + 1} goes from row ${top} to ${bottom}`);
    if (Math.abs(left - (WIDTH - right)) > 1)
      faults.push(`line ${i + 1} is not in the middle: ${left} pixels to the left, ${WIDTH - right} to the right`);
    const before = lines[i - 1];
    if (before && top < before.bottom) faults.push(`line ${i + 1} begins at row ${top}, over line ${i} that ends at ${before.bottom}`);
  }
  return faults;
}

function clerk(fields: Partial<Staff> = {}): Staff {
  const { name, post, ...rest } = {
    badge: "W26:1A2B3C",
    role: "clerk" as const,
    isParty: false,
    stars: 0,
    from: "",
    until: "",
    counters: "",
    isRevoked: false,
    ...USUAL,
    ...fields,
  };
  return { ...rest, name: bytesOf(name), post: bytesOf(post) };
}

function stateOf(fields: Partial<State>, settings: object = {}): State {
  return { ...createState(parseConfig({ ...LEAST, ...settings })), ...fields };
}

const NOTICES: readonly PhraseId[] = [
  "badgeUnknown",
  "badgeRole",
  "badgeAgain",
  "badgeRevoked",
  "badgeNotYet",
  "badgeExpired",
  "badgeCounter",
  "notApproved",
  "nothingAsked",
  "rated",
];
const PAUSES = ["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"];

/** Every state that shows something else. */
function views(person: Staff): readonly (readonly [string, View])[] {
  const show = (fields: Partial<State>, settings: object = {}, nowMs = 0): View => viewOf(stateOf(fields, settings), nowMs);
  const beside = { neighbours: ["A-12"] };
  return [
    ["nobody on duty", show({})],
    ["nobody on duty, and an open neighbour", show({ neighbours: { "A-12": "open" } }, beside)],
    ["before opening", show({ hours: "before", opensAtMinute: 510 })],
    ["before opening, a clerk on duty", show({ clerk: person, hours: "before", opensAtMinute: 510 })],
    ["lunch", show({ hours: "break", opensAtMinute: 780 })],
    ["lunch, and an open neighbour", show({ hours: "break", opensAtMinute: 780, neighbours: { "A-12": "open" } }, beside)],
    ["after closing", show({ hours: "after" })],
    ["on duty", show({ clerk: person })],
    ["a party member on duty", show({ clerk: { ...person, isParty: true, post: bytesOf(USUAL.post) } })],
    ["on duty with the host lost", show({ clerk: person, isLinkLost: true })],
    ["on duty with the ledger out of order", show({ clerk: person, isLedgerDown: true })],
    ["the invite", show({ clerk: person, session: "open" })],
    ["the invite, with an approval asked for", show({ clerk: person, session: "open", asked: "pause", askedReason: "brief" })],
    ["the thanks", show({ clerk: person, session: "thanks" })],
    ["no thanks, because the ledger is out of order", show({ clerk: person, session: "thanks", isLedgerDown: true })],
    ["the reasons", show({ clerk: person, session: "reasons" }, { reasons: [213, 214, 115, 1, 2] })],
    ["the reasons on two pages", show({ clerk: person, session: "reasons" }, { reasons: REASONS.map(({ code }) => code) })],
    ["a self-test", show({ unseenKeys: 127 })],
    ["an emergency", show({ emergency: bytesOf("请从安全出口离开") })],
    ["a sign-out to approve", show({ clerk: person, asked: "signOut" })],
    ...["paused", "open"].map(
      (state) =>
        [`a neighbour that is ${state}`, show({ clerk: person, neighbourNotices: ["A-12"], neighbours: { "A-12": state } }, beside)] as const,
    ),
    ...PAUSES.flatMap(
      (pause, i) =>
        [
          [`the pause ${pause}`, show({ clerk: person, pause })],
          [`the pause ${pause} to approve`, show({ clerk: person, asked: "pause", askedReason: pause })],
          [`the pause ${pause} offered`, show({ clerk: person, holdSinceMs: 0 }, {}, i > 0 ? i * 1000 : 7000)],
        ] as const,
    ),
    ...NOTICES.map((notice) => [`the notice ${notice}`, show({ notice, noticeDetail: "W34:00C0FFEE" })] as const),
  ];
}

/** The id of the phrase in a line, or undefined where there is none. */
function idIn(text: string): string | undefined {
  return text.startsWith("@") ? text.slice(1).split("#")[0] : undefined;
}

describe.each(LANGUAGES)("In %s", (language) => {
  it.each(views(clerk()))("%s fits the display", (_, view) => {
    const lines = show(view, language);
    expect(lines).toHaveLength(view.slice(1).filter((text) => text).length);
    expect(faultsOf(lines)).toEqual([]);
  });

  it.each(views(clerk(LONGEST)))("%s fits with the longest name, post and staff number that a site file may have", (_, view) => {
    expect(faultsOf(show(view, language))).toEqual([]);
  });

  it("every phrase fits the line that it stands in", () => {
    const lines = new Map<string, Set<string>>();
    for (const [, view] of views(clerk())) {
      const [layout, ...texts] = view;
      texts.forEach((text, i) => {
        const size = layoutOf(layout)[i]?.[0] as string;
        const id = idIn(text);
        if (id && !id.startsWith("reason")) lines.set(id, (lines.get(id) ?? new Set()).add(size));
      });
    }
    for (const text of ["configWrong", "callTechnician"]) lines.set(text, new Set([text === "configWrong" ? "medium" : "small"]));
    expect([...lines.keys()].sort()).toEqual(Object.keys(PHRASES[language]).sort());
    for (const [id, sizes] of lines) {
      for (const size of sizes) {
        const font: FontName = size === "small" ? "small" : "medium";
        const width = (glyphs?.measure(font, bytesOf(PHRASES[language][id as PhraseId])) as number) * (size === "large" ? 2 : 1);
        expect(width, `${id} in ${size}`).toBeGreaterThan(0);
        expect(width, `${id} in ${size}`).toBeLessThanOrEqual(WIDTH);
      }
    }
  });

  it.each([
    ["missing", undefined],
    ["damaged", "{"],
    ["of another version", seal("[0]")],
    ["without enough keys", packConfig({ ...CONFIG, grades: [5, 1] })],
    ["without a bad grade", packConfig({ ...CONFIG, grades: [5, 4, 3] })],
    ["without a good grade", packConfig({ ...CONFIG, grades: [3, 2, 1] })],
  ])("a configuration that is %s is told in words that fit the display", (_, text) => {
    const { problem } = readConfig(text, (data) => crc32(Buffer.from(data, "latin1")));
    expect(problem).toBeDefined();
    const lines = show(viewOf(stateOf({ configProblem: problem as string }), 0), language);
    expect(lines).toHaveLength(4);
    expect(faultsOf(lines)).toEqual([]);
  });
});

describe("Whoever a site file admits", () => {
  it.each([
    ["欧阳静怡上官婉儿", "1024"],
    ["欧阳静怡上官", "MW-10001"],
    ["欧阳静怡上官", "WWWWWWWW"],
    ["欧阳静", "WWWWWWWW"],
  ])("fits every view: %s, number %s", (name, number) => {
    const person = { badge: "W26:1A2B3C", number, name, post: LONGEST.post };
    let files: StoreFiles;
    try {
      files = storeFiles(LEAST, parseSite(JSON.stringify({ counters: [{}], people: [person], reasons: REASONS }), "site.yaml"), SIMULATED_KEY);
    } catch (error) {
      expect((error as Error).message).toMatch(/^people: .* of the display's 128 pixels/);
      return;
    }
    const admitted = files.glyphs.toString("latin1");
    for (const [what, view] of views(clerk(person))) expect([what, ...faultsOf(show(view, "zh-CN", admitted))]).toEqual([what]);
  });
});

describe("A layout", () => {
  it.each(LAYOUTS)("%s has its lines one below the other, all on the display", (name) => {
    const heights = { small: 12, medium: 16, large: 32 };
    let end = 0;
    for (const [size, top] of layoutOf(name)) {
      expect(top).toBeGreaterThanOrEqual(end);
      end = top + heights[size];
    }
    expect(end).toBeLessThanOrEqual(HEIGHT);
  });
});

describe("The screen", () => {
  it("draws a view again only when it has changed, or when the display did not take it", () => {
    let drawn = 0;
    let status: "ok" | "failed" = "ok";
    const display: PixelDisplay = {
      widthPixels: WIDTH,
      heightPixels: HEIGHT,
      clear: () => undefined,
      fill: () => undefined,
      blit: () => undefined,
      flush() {
        drawn++;
        return status;
      },
    };
    const store = { read: (name: string) => ({ glyphs: ALL_GLYPHS, phrases: bytesOf(phrasesText("en", [])) })[name] };
    const screen = createScreen(display, store);
    const closed: View = ["title", "@closed", "@nobodyOnDuty"];
    const counts = [closed, closed, ["title", "@closed", "@pleaseWait"] as View, closed].map((view) => {
      screen.show(view);
      return drawn;
    });
    expect(counts).toEqual([1, 1, 2, 3]);
    status = "failed";
    screen.show(["title", "@closed", "@pleaseWait"]);
    screen.show(["title", "@closed", "@pleaseWait"]);
    status = "ok";
    screen.show(["title", "@closed", "@pleaseWait"]);
    screen.show(["title", "@closed", "@pleaseWait"]);
    expect(drawn).toBe(6);
  });

  it("stays as it is where there is no glyph file", () => {
    const display = { flush: () => expect.unreachable("there is nothing to draw") } as unknown as PixelDisplay;
    createScreen(display, { read: () => undefined }).show(["title", "@closed", "@nobodyOnDuty"]);
  });

  it("shows a phrase that it does not know by its id, so that somebody sees it", () => {
    const bits: string[] = [];
    const display = {
      widthPixels: WIDTH,
      clear: () => undefined,
      blit: (picture: string) => bits.push(picture),
      flush: () => "ok",
    } as unknown as PixelDisplay;
    createScreen(display, { read: (name) => (name === "glyphs" ? ALL_GLYPHS : undefined) }).show(["title", "@closed", ""]);
    expect(bits).toHaveLength("@closed".length);
  });
});
