// The screen of a terminal with seven-segment digits: the staff number, and for everything else a word that such digits can form. A printed label beside
// them explains the words: hal/espruino/display/MAX7219.md has it.

import type { SegmentDisplay } from "../../hal/display.js";
import { placeOf } from "../text.js";
import type { Screen } from "./screen.js";

/**
 * A word for each phrase that has one, by its id. `#` stands for what stands behind the `#` in the view's text, `*` for the text of the view's next
 * line without its blanks.
 */
export const SEGMENT_WORDS =
  "\nclosed=PAUSE\nnobodyOnDuty=nobody\naway=HoLd on\nlunch=LUnCH\noffHours=CLoSEd\npreparing=Soon\nopensAt=OPEn#\ngoTo=Go to #\n" +
  "invite=rAtE\nthanks=donE\npaperCard=USE CArd\nemergency=ALErt\nconfigWrong=Err ConF\nselfTest=t*\n" +
  "presentBadge=bAdgE\nnotApproved=rEFUSEd\nnothingAsked=nothing\nrated=rAtEd\n" +
  "badgeUnknown=bAd id 1\nbadgeRole=bAd id 2\nbadgeAgain=AgAin\nbadgeRevoked=bAd id 3\nbadgeNotYet=bAd id 4\nbadgeExpired=bAd id 5\nbadgeCounter=bAd id 6\n" +
  "pause_brief=P briEF\npause_restroom=P toiLEt\npause_phone=P PHonE\npause_meeting=P Conf\npause_cashUp=P CASH\npause_fault=P FAULt\npause_lunch=P LUnCH\n" +
  "neighbourPaused=# PAUSE\nneighbourBack=# OPEn\n";

/** What a citizen may give as a reason stands on the label, with its official code: the digits show the code of the first key. */
const REASON = "@reason";

export function createScreen(display: SegmentDisplay): Screen {
  let shown = "";

  /** The word of the last line that has one: it is the most particular. */
  function wordOf(view: readonly string[]): string {
    for (let i = view.length - 1; i > 0; i--) {
      const parts = (view[i] as string).split("#");
      const id = parts[0] as string;
      if (id.charAt(0) !== "@") continue;
      if (i === 1 && id.substr(0, REASON.length) === REASON) return "rE " + id.substr(REASON.length);
      const key = "\n" + id.substr(1) + "=";
      const at = placeOf(SEGMENT_WORDS, key) + key.length;
      if (at < key.length) continue;
      return SEGMENT_WORDS.substr(at, SEGMENT_WORDS.indexOf("\n", at) - at)
        .split("#")
        .join((parts[1] || "").split(":").join("."))
        .split("*")
        .join((view[i + 1] || "").split(" ").join(""));
    }
    // Who is on duty.
    return view[1] || "";
  }

  return {
    show(view) {
      const key = view.join("\n");
      if (key === shown) return true;
      shown = display.show(wordOf(view)) === "ok" ? key : "";
      return !!shown;
    },
    // An emergency is one word for all texts.
    objectionTo: () => "",
  };
}
