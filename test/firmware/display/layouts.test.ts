// Every view in every language on every size of display: nothing runs off it, no line touches another, whoever is on duty, and it can be read.

import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Language, readConfig } from "../../../firmware/config/config.js";
import type { Staff } from "../../../firmware/config/roster.js";
import { DISPLAY_SIZES, DisplayError, type DisplaySize, layoutsFor, sizeOf } from "../../../firmware/display/layouts.js";
import { PHRASE_LINES, PHRASES, type PhraseId } from "../../../firmware/display/phrases.js";
import { createScreen } from "../../../firmware/display/screen.js";
import { type LayoutName, type View, viewOf } from "../../../firmware/display/view.js";
import { createState, Hours, Session, type State } from "../../../firmware/terminal/state.js";
import { parseConfig } from "../../../firmware/tools/provision/config-schema.js";
import { drawGlyphFile } from "../../../firmware/tools/provision/glyph-file.js";
import { seal } from "../../../firmware/tools/provision/seal.js";
import { type Person, personSchema, type Reason, storeFiles, textOfPhrase } from "../../../firmware/tools/provision/site.js";
import { packConfig, storedConfig } from "../../../firmware/tools/provision/stored-config.js";
import type { PixelDisplay } from "../../../hal/display.js";
import { readScreen } from "../../../sim/scenario/screen.js";
import { Pixels } from "../../../sim/world/pixels.js";
import { SIMULATED_KEY } from "../../../sim/world/simulated-key.js";
import { CLERK } from "../clerk.js";

const LANGUAGES = Object.keys(PHRASES) as Language[];
const SIZES = DISPLAY_SIZES.map((size) => [`${size.width}x${size.height}`, size] as const);

/** One of the sample hall's clerks; and as long as a site file lets them be: a name of 6 characters, a post of 10 and a staff number of 8 digits. */
const USUAL = { name: "王小明", post: "综合受理", number: "1024" };
const LONGEST = { name: "欧阳静怡上官", post: "社会保障综合受理窗口", number: "20260001" };
/** The longest id of a transaction that the host may send. */
const LONGEST_ID = "2026-0302-000041";

/** A reason as long as a site file lets it be, under the codes of a full table. */
const REASONS: readonly Reason[] = [213, 214, 115, 201, 202, 203, 104, 105].map((code) => ({ code, names: [code], text: "办理时间超过承诺期" }));

const LEAST = { version: 1, device: "a", counter: "8" };
const CONFIG = parseConfig(LEAST);

const crcOf = (data: string): number => crc32(Buffer.from(data, "latin1"));

/** Who is on duty in the views, as a site file has them. */
const PEOPLE: readonly Person[] = [
  ...[USUAL, LONGEST].flatMap((person) => [person, { ...person, post: USUAL.post, party: true, stars: 3 }]),
  { ...USUAL, role: "supervisor", name: "欧阳静怡上官婉儿" },
].map((person, i) => personSchema.parse({ badge: `W26:00000${i}`, ...person }));

/** The glyph file of each size and language. */
const FILES = new Map<string, string>();

function glyphsOf(size: DisplaySize, language: Language): string {
  const name = `${size.width} ${language}`;
  const made =
    FILES.get(name) ??
    (storeFiles({ ...LEAST, language }, { people: PEOPLE, reasons: REASONS }, SIMULATED_KEY, size).glyphs?.toString("latin1") as string);
  FILES.set(name, made);
  return made;
}

/** UTF-8 in a byte string, as the firmware has its texts. */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A picture as it was drawn: its box in pixels, right and bottom behind it. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Shown {
  readonly boxes: readonly Box[];
  readonly panel: Pixels;
}

/** Shows a view on a display that takes down where the pictures go. */
function show(view: View, size: DisplaySize, glyphFile: string, nowMs = 0): Shown {
  const boxes: Box[] = [];
  const panel = new Pixels(size.width, size.height);
  let cleared = 0;
  let flushed = 0;
  const display: PixelDisplay = {
    widthPixels: size.width,
    heightPixels: size.height,
    clear: () => cleared++,
    fill: () => expect.unreachable("no view has bars"),
    blit(bits, width, height, x, y, scale) {
      expect(bits.length).toBe(Math.ceil((width * height) / 8));
      expect(Math.min(width, height, scale)).toBeGreaterThan(0);
      boxes.push({ left: x, top: y, right: x + width * scale, bottom: y + height * scale });
      panel.blit(bits, width, height, x, y, scale);
    },
    flush() {
      flushed++;
      return "ok";
    },
    isLost: () => false,
  };
  createScreen(display, { read: (name) => (name === "glyphs" ? glyphFile : undefined) }, crcOf, () => nowMs).show(view);
  // A display is dark in memory until something is drawn.
  expect([cleared, flushed]).toEqual([0, 1]);
  return { boxes, panel };
}

/** What is wrong with pictures, in words. */
function faultsOf(boxes: readonly Box[], { width, height }: DisplaySize): string[] {
  return boxes.flatMap((box, i) => {
    const { left, top, right, bottom } = box;
    const isOff = left < 0 || top < 0 || right > width || bottom > height;
    const over = boxes.slice(0, i).filter((other) => left < other.right && other.left < right && top < other.bottom && other.top < bottom);
    const words = `picture ${i + 1} (${left}, ${top} to ${right}, ${bottom})`;
    return [...(isOff ? [`${words} runs off the display`] : []), ...over.map((other) => `${words} lies over the one at ${other.left}, ${other.top}`)];
  });
}

/** Texts of a view's lines, as people should read them: the parts of a phrase that stay whole in whichever way it is drawn. */
function readable(view: View, language: Language): string[] {
  return view.slice(1).flatMap((text) => {
    const [id, argument = ""] = text.split("#") as [string, string?];
    if (!text.startsWith("@")) return [Buffer.from(text, "latin1").toString("utf8")];
    const reason = REASONS.find(({ code }) => id === `@reason${code}`);
    const phrase = reason ? `# ${reason.text}` : PHRASES[language][id.slice(1) as PhraseId];
    // A post may stand in a line of its own.
    const words = id === "@party" ? Buffer.from(argument, "latin1").toString("utf8").replace(/ .*/, "") : argument;
    return [...phrase.split(/[|#]/).map((part) => part.trim()), words];
  });
}

function clerk(fields: Partial<Staff> = {}): Staff {
  const { name, post, ...rest } = {
    ...CLERK,
    ...USUAL,
    ...fields,
  };
  return { ...rest, name: bytesOf(name), post: bytesOf(post) };
}

function stateOf(fields: Partial<State>, settings: object = {}): State {
  return { ...createState(storedConfig(parseConfig({ ...LEAST, ...settings }))), ...fields };
}

/** Texts of the host, and what it says instead where the terminal speaks another language: it has the characters of its own. */
const EXIT = bytesOf("请从安全出口离开");
const FIRE = bytesOf("火警，请疏散");
const LONG_EXIT = bytesOf("地震！请从安全出口离开大厅");
const SAID_IN: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  "zh-CN": {},
  "zh-TW": { [FIRE]: bytesOf("火警，請疏散"), [EXIT]: bytesOf("請從安全出口離開"), [LONG_EXIT]: bytesOf("地震！請從安全出口離開大廳") },
  en: { [FIRE]: "Fire! Leave now", [EXIT]: "Fire: get out", [LONG_EXIT]: "Earthquake! Leave the hall" },
};

/** Notices of a badge, and those that say all in one line. */
const NOTICES: readonly PhraseId[] = ["badgeUnknown", "badgeRole", "badgeRevoked", "badgeNotYet", "badgeExpired", "badgeCounter"];
const SHORT_NOTICES: readonly PhraseId[] = ["welcome", "waited", "badgeAgain", "notApproved"];
const PAUSES = ["brief", "restroom", "phone", "meeting", "cashUp", "fault", "lunch"];

/** Every state that shows something else. */
function views(person: Staff): readonly (readonly [string, View])[] {
  const show = (fields: Partial<State>, settings: object = {}, nowMs = 0): View => viewOf(stateOf(fields, settings), nowMs);
  const beside = { neighbours: ["A-12"] };
  return [
    ["nobody on duty", show({})],
    ["nobody on duty, and an open neighbour", show({ neighbours: { "A-12": "open" } }, beside)],
    ["before opening", show({ hours: Hours.Before, opens: "03-02 08:30" })],
    ["before opening, a clerk on duty", show({ clerk: person, hours: Hours.Before, opens: "03-02 08:30" })],
    ["lunch", show({ hours: Hours.Break, opens: "03-02 13:00" })],
    ["lunch, and an open neighbour", show({ hours: Hours.Break, opens: "03-02 13:00", neighbours: { "A-12": "open" } }, beside)],
    ["after closing", show({ hours: Hours.After })],
    ["after closing, with the next opening", show({ hours: Hours.After, opens: "12-28 08:30" }, {}, 10_000)],
    ["on duty", show({ clerk: person })],
    ["a party member on duty", show({ clerk: { ...person, isParty: true, stars: 3, post: bytesOf(USUAL.post) } })],
    ["on duty with the host lost", show({ clerk: person, isLinkLost: true })],
    ["on duty with the ledger out of order", show({ clerk: person, isLedgerDown: true })],
    ["the invite", show({ clerk: person, session: Session.Open })],
    ["the invite, with an approval asked for", show({ clerk: person, session: Session.Open, asked: "pause", askedReason: "brief" })],
    ["the thanks", show({ clerk: person, session: Session.Thanks })],
    ["no thanks, because the ledger is out of order", show({ clerk: person, session: Session.Thanks, isLedgerDown: true })],
    ["the reasons", show({ clerk: person, session: Session.Reasons }, { reasons: [213, 214, 115] })],
    ["the reasons on two pages", show({ clerk: person, session: Session.Reasons }, { reasons: REASONS.map(({ code }) => code) })],
    ["a press before the invite", show({ clerk: person, notice: "afterInvite" })],
    ["a self-test", show({ unseenKeys: 127 })],
    ["an emergency", show({ emergency: EXIT })],
    ["a long emergency", show({ emergency: LONG_EXIT })],
    ["a short emergency", show({ emergency: FIRE })],
    ["a sign-out to approve", show({ clerk: person, asked: "signOut" })],
    ...["paused", "open", "unattended", "closed"].map(
      (state) =>
        [`a neighbour that is ${state}`, show({ clerk: person, neighbourNotices: ["A-12"], neighbours: { "A-12": state } }, beside)] as const,
    ),
    ...PAUSES.flatMap(
      (pause, i) =>
        [
          [`the pause ${pause}`, show({ clerk: person, pause })],
          [`the pause ${pause} to approve`, show({ clerk: person, asked: "pause", askedReason: pause })],
          [`the pause ${pause} offered`, show({ clerk: person, offered: i || 7 })],
        ] as const,
    ),
    ...NOTICES.map((notice) => [`the notice ${notice}`, show({ notice, noticeDetail: "W34:00C0FFEE" })] as const),
    ...SHORT_NOTICES.map((notice) => [`the notice ${notice}`, show({ clerk: person, notice })] as const),
    ["a citizen who is sent to another counter", show({ clerk: person, notice: "goTo#A-12" })],
    ["a rated transaction", show({ notice: "rated", noticeDetail: LONGEST_ID })],
    ["a supervisor who is not asked", show({ notice: "nothingAsked", noticeDetail: bytesOf("欧阳静怡上官婉儿") })],
  ];
}

describe.each(SIZES)("On %s", (_, size) => {
  describe.each(LANGUAGES)("in %s", (language) => {
    it.each([
      ...views(clerk()),
      ...views(clerk(LONGEST)).map(([name, view]) => [`${name}, with the longest name, post and staff number`, view] as const),
    ])("%s fits, and can be read", (name, chinese) => {
      const view = chinese.map((text) => SAID_IN[language][text] ?? text) as unknown as typeof chinese;
      const { boxes, panel } = show(view, size, glyphsOf(size, language));
      expect(faultsOf(boxes, size)).toEqual([]);
      const screen = readScreen(panel);
      // An emergency is broken where the line ends.
      const wanted = name.includes("emergency") ? readable(view, language).slice(0, 1) : readable(view, language);
      expect(wanted.filter((text) => text && !screen.shows(text))).toEqual([]);
      expect(screen.isDark).toBe(false);
    });

    it("every phrase stands in some view, in each of its lines", () => {
      const seen = new Set<string>();
      for (const [, view] of [...views(clerk()), ...problems()]) {
        view.slice(1).forEach((text, i) => {
          if (text.startsWith("@")) seen.add(`${text.slice(1).split("#")[0]} in ${view[0]} ${i + 1}`);
        });
      }
      const wanted = Object.entries(PHRASE_LINES).flatMap(([id, lines]) => lines.map((line) => `${id} in ${line}`));
      expect([...seen].filter((place) => !place.startsWith("reason")).sort()).toEqual(wanted.sort());
    });

    it("a phrase has the same pixels as a row of glyphs and as a ready picture", () => {
      const texts = (Object.keys(PHRASE_LINES) as PhraseId[]).map((id) => textOfPhrase(id, PHRASES[language][id], id));
      const characters = (["technical 2", "card 1"] as const).map((line) => ({ characters: "8", line, where: "" }));
      const [ready, rows] = [false, true].map((isRare) =>
        drawGlyphFile(
          size,
          texts.map((text) => ({ ...text, isRare })),
          characters,
        ).toString("latin1"),
      ) as [string, string];
      let composed = 0;
      for (const { key, text, lines } of texts) {
        for (const line of lines) {
          const [layout, number] = line.split(" ") as [LayoutName, string];
          const view: View = [layout, ...Array<string>(Number(number) - 1).fill(""), text.includes("#") ? `${key}#8` : key, ""];
          const [asPicture, asRow] = [show(view, size, ready), show(view, size, rows)];
          expect(asRow.panel.bytes, `${key} in ${line}`).toEqual(asPicture.panel.bytes);
          expect(asRow.panel.bytes.some((byte) => byte > 0)).toBe(true);
          if (asRow.boxes.length > asPicture.boxes.length) composed++;
        }
      }
      // The others are broken into two lines, or consist of one character and what is put in.
      expect(composed).toBeGreaterThan(40);
    });

    it.each(problems())("a configuration that is %s is told in words that fit the display", (_, view) => {
      const { boxes, panel } = show(view, size, glyphsOf(size, language));
      expect(faultsOf(boxes, size)).toEqual([]);
      const screen = readScreen(panel);
      expect(readable(view, language).filter((text) => text && !screen.shows(text))).toEqual([]);
    });
  });

  it("whoever a site file admits fits every view, and whoever does not fit is named", () => {
    let admitted = 0;
    for (const [name, number, fields] of [
      ["欧阳静怡上官婉儿", "1024", {}],
      ["欧阳静怡上官", "MW-10001", {}],
      ["欧阳静怡上官", "WWWWWWWW", {}],
      ["欧阳静", "WWWWWWWW", {}],
      ["王小明", "1024", { party: true, stars: 5, post: LONGEST.post }],
      ["阿卜杜热合曼·艾力", "20260001", {}],
      ["欧阳娜娜", "20260001", {}],
      ["B. Featherstonehaugh", "20260001", { post: "Residence permits" }],
      ["Bartholomew Featherstonehaugh", "1024", {}],
    ] as const) {
      const person = personSchema.parse({ badge: "W26:1A2B3C", number, name, post: USUAL.post, ...fields });
      let glyphs: string;
      try {
        glyphs = storeFiles(LEAST, { people: [person], reasons: REASONS }, SIMULATED_KEY, size).glyphs?.toString("latin1") as string;
      } catch (error) {
        expect((error as Error).message).toMatch(new RegExp(`^people: ${number} ${name}: .* of the \\d+ pixels of its line: make it shorter$`));
        continue;
      }
      admitted++;
      const staff = clerk({ number, name, post: person.post, isParty: person.party, stars: person.stars });
      for (const state of [{}, { session: Session.Open }, { session: Session.Thanks }]) {
        const { boxes } = show(viewOf(stateOf({ clerk: staff, ...state }), 0), size, glyphs);
        expect(faultsOf(boxes, size)).toEqual([]);
      }
    }
    expect(admitted).toBe(size.width === 128 ? 7 : 9);
  });

  it.each([
    ["a phrase with a place for a counter", { phrases: { goTo: "请您到大厅左侧或右侧的#号窗口继续办理您的业务" } }, "phrases: goTo in zh-CN"],
    ["a phrase with a place for a time", { phrases: { opensAt: "我们今天的服务从#开始，请您先在大厅休息" } }, "phrases: opensAt in zh-CN"],
    ["a reason", { reasons: [{ code: 213, names: [213], text: "办理时间超过承诺期限而且没有事先告知，工作人员也没有说明" }] }, "reasons: 213"],
    ["a post", { people: [personSchema.parse({ badge: "W26:1A2B3C", ...USUAL, post: "社会保障综合受理窗口首问负责岗" })] }, "people: 1024 王小明"],
  ])("%s that is too long for its line is told, with where it stands", (_, shown, where) => {
    const make = (): unknown => storeFiles(LEAST, { people: [], reasons: [], ...shown }, SIMULATED_KEY, size);
    expect(make).toThrow(new RegExp(`^${where}: .* takes \\d+ of the \\d+ pixels of its line: make it shorter$`));
  });

  it("beside a name that is too long for it the number stands alone in front of the citizen", () => {
    const long = personSchema.parse({ badge: "W26:1A2B3C", number: "20260001", name: "阿卜杜热合曼·艾力", post: USUAL.post });
    const glyphs = storeFiles(LEAST, { people: [long], reasons: [] }, SIMULATED_KEY, size).glyphs?.toString("latin1") as string;
    const staff = clerk({ number: long.number, name: long.name });
    const invited = readScreen(show(viewOf(stateOf({ clerk: staff, session: Session.Open }), 0), size, glyphs).panel);
    expect([invited.shows(long.number), invited.shows(long.name)]).toEqual([true, size.width === 256]);
    const card = readScreen(show(viewOf(stateOf({ clerk: staff }), 0), size, glyphs).panel);
    expect([long.number, ...(size.width === 256 ? ["阿卜杜热合曼·", "艾力"] : [long.name])].filter((text) => !card.shows(text))).toEqual([]);
  });

  it("somebody whom the tool did not know is shown as far as there are characters, and nothing runs off", () => {
    const stranger = clerk({ number: "WWWWWWWW", name: "Somebody with a long name", post: "Somewhere far away from here" });
    for (const state of [{}, { session: Session.Open }]) {
      const { boxes, panel } = show(viewOf(stateOf({ clerk: stranger, ...state }), 0), size, glyphsOf(size, "en"));
      expect(faultsOf(boxes, size)).toEqual([]);
      expect(readScreen(panel).shows("WWWWWWWW")).toBe(true);
    }
  });

  it("a picture stands a pixel lower after ten minutes where there is room, and higher again after ten more", () => {
    const topsAt = (minutes: number): readonly number[] =>
      show(viewOf(stateOf({ hours: Hours.After }), 0), size, glyphsOf(size, "zh-CN"), minutes * 60_000).boxes.map(({ top }) => top);
    const still = topsAt(0);
    expect(topsAt(9.9)).toEqual(still);
    // Below the last line there is no room.
    expect(topsAt(10)).toEqual(still.map((top, i) => top + (i < 2 ? 1 : 0)));
    expect(topsAt(20)).toEqual(still);
  });

  it("a host's text is refused with the reason: a character without a picture, or more than its lines", () => {
    const display = { widthPixels: size.width } as PixelDisplay;
    const screen = createScreen(display, { read: () => glyphsOf(size, "zh-CN") }, crcOf, () => 0);
    expect(screen.objectionTo(bytesOf("火警，请疏散"))).toBe("");
    expect(screen.objectionTo("")).toBe("");
    expect(screen.objectionTo(bytesOf("火警，请疏散，龙"))).toBe("missingGlyph");
    const most = size.width === 128 ? 40 : 84;
    expect(screen.objectionTo(bytesOf("请".repeat(most)))).toBe("");
    expect(screen.objectionTo(bytesOf("请".repeat(most + 1)))).toBe("tooLong");
  });

  it.each(["Storm: stay inside until 14:30", "Fire alarm: leave now", "Leave by the exits at the back of the hall"])(
    "a host's text is broken between words: %s",
    (text) => {
      const screen = createScreen({} as PixelDisplay, { read: () => glyphsOf(size, "en") }, crcOf, () => 0);
      const { boxes, panel } = show(viewOf(stateOf({ emergency: text }), 0), size, glyphsOf(size, "en"));
      expect(faultsOf(boxes, size)).toEqual([]);
      const shown = readScreen(panel);
      const isShown = (word: string): boolean => shown.shows(word);
      expect(screen.objectionTo(text)).toBe("");
      expect(text.split(" ").filter((word) => !isShown(word))).toEqual([]);
    },
  );

  it("a host's Chinese text is broken at a comma", () => {
    const { panel } = show(
      viewOf(stateOf({ emergency: bytesOf("火警，请疏散") }), 0),
      { width: 128, height: 64 },
      glyphsOf({ width: 128, height: 64 }, "zh-CN"),
    );
    const screen = readScreen(panel);
    expect(["火警", "请疏散"].filter((words) => !screen.shows(words))).toEqual([]);
  });

  it("nobody is told to wait while an emergency says to leave", () => {
    for (const emergency of [EXIT, LONG_EXIT]) expect(viewOf(stateOf({ emergency }), 0).join()).not.toContain("@pleaseWait");
  });

  it("a short text stands in the middle below its heading", () => {
    const { panel } = show(viewOf(stateOf({ emergency: bytesOf("请疏散") }), 0), size, glyphsOf(size, "zh-CN"));
    const isLit = (y: number): boolean => Array.from({ length: size.width }, (_, x) => x).some((x) => panel.get(x, y));
    const lit = Array.from({ length: size.height }, (_, y) => y).filter(isLit);
    const first = lit.findIndex((y, i) => i > 0 && y > (lit[i - 1] as number) + 4);
    const above = (lit[first] as number) - (lit[first - 1] as number);
    const below = size.height - (lit[lit.length - 1] as number);
    expect(lit[lit.length - 1] as number, "one line").toBeLessThan((lit[first] as number) + 24);
    expect(Math.abs(above - below)).toBeLessThan(14);
  });

  it("every view has a layout in which no line's room lies over another's", () => {
    for (const lines of Object.values(layoutsFor(size))) {
      const boxes = lines.map(({ room: [left, top, width, height] }) => ({ left, top, right: left + width, bottom: top + height }));
      expect(faultsOf(boxes, size)).toEqual([]);
    }
  });
});

/** What a display says of a configuration that cannot be used. */
function problems(): readonly (readonly [string, View])[] {
  return (
    [
      ["missing", undefined],
      ["damaged", "{"],
      ["of another version", seal("[0]")],
      ["without enough keys", packConfig({ ...CONFIG, grades: [5, 1] })],
      ["without a bad grade", packConfig({ ...CONFIG, grades: [5, 4, 3] })],
      ["without a good grade", packConfig({ ...CONFIG, grades: [3, 2, 1] })],
    ] as const
  ).map(([what, text]) => [what, viewOf(stateOf({ configProblem: readConfig(text, crcOf).problem as string }), 0)]);
}

describe("A display of another size", () => {
  it("is refused with what to do", () => {
    const make = (): unknown => storeFiles(LEAST, { people: [], reasons: [] }, SIMULATED_KEY, { width: 96, height: 16 });
    expect(make).toThrow(DisplayError);
    expect(make).toThrow("there are no layouts for 96x16 pixels, only for 128x64 and 256x64: add a table to firmware/display/layouts.ts");
    expect(() => sizeOf("hd44780")).toThrow('the size of "hd44780" is not known: add it to SIZES in firmware/display/layouts.ts');
  });
});

describe("The screen", () => {
  const [, size] = SIZES[0] as (typeof SIZES)[0];

  it("draws a view again only when it has changed, or when the display did not take it", () => {
    let drawn = 0;
    let cleared = 0;
    let status: "ok" | "failed" = "ok";
    let isLost = false;
    const display: PixelDisplay = {
      widthPixels: size.width,
      heightPixels: size.height,
      clear: () => cleared++,
      fill: () => undefined,
      blit: () => undefined,
      flush() {
        drawn++;
        return status;
      },
      isLost: () => isLost,
    };
    const screen = createScreen(display, { read: () => glyphsOf(size, "en") }, crcOf, () => 0);
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
    // The display did not answer a refresh, and answers again.
    isLost = true;
    screen.show(["title", "@closed", "@pleaseWait"]);
    isLost = false;
    screen.show(["title", "@closed", "@pleaseWait"]);
    expect(drawn).toBe(7);
    // All views but the first had another one before them.
    expect(cleared).toBe(6);
  });

  it.each([
    ["no glyph file", undefined],
    ["one of another version", "GLY1\0\0"],
  ])("draws nothing where there is %s, and any text of the host is refused", (_, file) => {
    expect(show(["title", "@closed", "@nobodyOnDuty"], size, file as string).boxes).toEqual([]);
    const screen = createScreen({ widthPixels: size.width } as PixelDisplay, { read: () => file }, crcOf, () => 0);
    expect(screen.objectionTo("1")).toBe("missingGlyph");
  });

  it("shows a phrase that it does not know by its id, so that somebody sees it", () => {
    const { panel } = show(["title", "@closed", "@unheardOf"], size, glyphsOf(size, "en"));
    expect(readScreen(panel).shows("@UNHEARDOF")).toBe(true);
  });

  it.each(SIZES)("draws each line that people wait for every day as one picture, on %s", (_, size) => {
    const header = `${USUAL.number} ${bytesOf(USUAL.name)}`;
    const known: readonly View[] = [
      ["title", "@closed", "@nobodyOnDuty"],
      ["title", "@away", "@pleaseWait"],
      ["prompt", header, "@invite"],
      ["thanks", header, "@thanks", "@farewell"],
      ["card", USUAL.number, bytesOf(USUAL.name), bytesOf(USUAL.post)],
    ];
    for (const view of known) expect(show(view, size, glyphsOf(size, "zh-CN")).boxes.length, view.join()).toBe(view.length - 1);
  });
});
