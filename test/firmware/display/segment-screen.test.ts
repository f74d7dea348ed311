// The words of a terminal with eight seven-segment digits: each view has one, each can be read, and the printed label explains it.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SEGMENT_WORDS } from "../../../firmware/display/segment-screen.js";
import { nodeEngine } from "../../../sim/engines/node.js";
import { type GalleryDisplay, galleryDisplays, reachView } from "../../../sim/gallery/gallery.js";
import { VIEWS } from "../../../sim/gallery/views.js";
import { SegmentPanel, segmentsOf } from "../../../sim/world/segments.js";

const DIGITS = 8;
const words = SEGMENT_WORDS.trim()
  .split("\n")
  .map((line) => line.split("=") as [id: string, word: string]);

/** The label's rows: what the display shows, with `…` for what changes. */
const label = readFileSync(new URL("../../../hal/espruino/display/MAX7219.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([shown = "", chinese = "", english = ""]) => ({ shown: shown.slice(1, -1), chinese, english }));

/** What each view of the gallery shows. */
const SHOWN: Readonly<Record<string, string>> = {
  "nobody-on-duty": "nobody",
  "nobody-on-duty-neighbour-open": "Go 12",
  "before-opening": "oPEn08.30",
  "midday": "oPEn13.00",
  "midday-neighbour-open": "Go 12",
  "after-closing": "CLoSEd",
  "after-closing-next-opening": "CLoSEd",
  "after-closing-supervisor-of-the-day": "CLoSEd",
  "after-closing-neighbour-open": "Go 12",
  "before-opening-clerk-there": "oPEn08.30",
  "late-service": "1024",
  "staff-card": "1024",
  "staff-card-party-and-stars": "20260008",
  "staff-card-long-name": "MW-10001",
  "staff-card-without-network": "1024",
  "welcome": "hELLo",
  "waited": "Sorry",
  "referred": "Go 12",
  "invite": "rAtE",
  "invite-by-the-longest-number": "rAtE",
  "invite-by-a-long-name": "rAtE",
  "invite-and-approval-needed": "rAtE",
  "thanks": "donE",
  "reasons": "rE 213",
  "reasons-and-more": "rE 213",
  "reasons-second-page": "rE 207",
  "after-invite": "LAtEr",
  "paper-card": "USE CArd",
  "badge-unknown": "bAd Id 1",
  "badge-garbled": "AGAIn",
  "badge-revoked": "bAd Id 3",
  "badge-not-yet-valid": "bAd Id 4",
  "badge-expired": "bAd Id 5",
  "badge-of-another-counter": "bAd Id 6",
  "badge-of-no-clerk": "bAd Id 2",
  "supervisor-and-nothing-to-approve": "nothInG",
  "rated-already": "rAtEd",
  "not-approved": "rEFUSEd",
  "sign-out-to-approve": "bAdGE",
  "pause-to-approve-brief": "bAdGE",
  "pause-to-approve-restroom": "bAdGE",
  "pause-to-approve-phone": "bAdGE",
  "pause-to-approve-meeting": "bAdGE",
  "pause-to-approve-cashUp": "bAdGE",
  "pause-to-approve-fault": "bAdGE",
  "pause-to-approve-lunch": "bAdGE",
  "pause-offered-restroom": "P toILEt",
  "pause-offered-phone": "P PhonE",
  "pause-offered-meeting": "P ConF",
  "pause-offered-cashUp": "P CASh",
  "pause-offered-fault": "P FAULt",
  "pause-offered-lunch": "P LUnCh",
  "pause-away": "hoLd on",
  "pause-lunch": "LUnCh",
  "pause-meeting-neighbour-open": "Go 12",
  "pause-meeting": "PAUSE",
  "neighbour-paused": "12 oFF",
  "neighbour-back": "12 on",
  "neighbour-unattended": "12 no",
  "neighbour-closed": "12 CLo",
  "key-test": "t12345yP",
  "key-test-two-left": "t3y",
  "emergency": "ALErt",
  "emergency-long": "ALErt",
  "configuration-damaged": "Err ConF",
};

/** Whether a row of the label explains what is shown. */
function explains(shown: string, text: string): boolean {
  return shown.includes("…") ? text.startsWith(shown.split("…")[0] as string) && text.endsWith(shown.split("…")[1] as string) : shown === text;
}

const STAFF_NUMBERS = ["1024", "20260008", "MW-10001"];

describe("Each view", () => {
  const display = galleryDisplays().find(({ board }) => board.display.driver === "max7219") as GalleryDisplay;

  it.each(VIEWS.map((view) => [view.name, view] as const))("%s has its word, which is on the label", (name, view) => {
    const word = SHOWN[name] ?? "";
    const panel = new SegmentPanel(DIGITS, reachView(view, display, "en", nodeEngine).bytes);
    const wanted = segmentsOf(word);
    expect(wanted.length, "SHOWN has no row for it").toBeGreaterThan(0);
    expect(panel.read()).toEqual([...wanted, ...Array<number>(DIGITS - wanted.length).fill(0)]);
    expect(STAFF_NUMBERS.includes(word) || label.some(({ shown }) => explains(shown, word))).toBe(true);
  });

  it("that the firmware has a word for is among them, but for the pause that a key begins with", () => {
    const texts = Object.values(SHOWN);
    const missing = words.filter(([, word]) => !texts.some((text) => explains(word.replace(/[#*]/, "…"), text)));
    // The pause key begins with it, and offers the others.
    expect(missing.map(([id]) => id)).toEqual(["pause_brief"]);
  });
});

describe("Each word", () => {
  /** What can be told on seven segments, in the case in which it looks like itself. */
  const LEGIBLE = /^[0-9AbCdEFGhIJLnoPrStUy .#*-]+$/;

  it.each(words)("%s: %s is of letters that seven segments have, and is on the label", (_, word) => {
    expect(word).toMatch(LEGIBLE);
    // A counter's number has up to four characters; a time eight with its word.
    const longest = word.replace("oPEn#", "oPEn08.30").replace("#", "A-12").replace("t*", "t12345yP");
    expect(segmentsOf(longest).length).toBeLessThanOrEqual(DIGITS);
    expect(label.map(({ shown }) => shown)).toContain(word.replace(/[#*]/, "…"));
  });

  it("looks like no other, also where 5 is an S", () => {
    const pictures = words.map(([, word]) => segmentsOf(word.replace(/[#*]/, "")).join());
    expect(new Set(pictures).size).toBe(pictures.length);
  });
});

describe("The label", () => {
  it("explains in Chinese and in English, and nothing that the display does not show", () => {
    for (const { shown, chinese, english } of label) {
      expect(chinese, shown).toMatch(/\p{Script=Han}/u);
      expect(english, shown).toMatch(/[a-z]{3}/);
    }
    const known = [...words.map(([, word]) => word.replace(/[#*]/, "…")), "1024", "rE …"];
    expect(label.map(({ shown }) => shown).sort()).toEqual(known.sort());
  });
});
