// The screen of a terminal with seven-segment digits: the staff number, and for everything else a word that such digits can form. A printed label beside
// them explains the words: hal/espruino/display/MAX7219.md has it.

import type { SegmentDisplay } from "../../hal/display.js";
import { placeOf } from "../text.js";
import type { Screen } from "./screen.js";

/**
 * A word for each phrase that has one, by its id, in letters of the case that seven segments give them, and none of those that cannot be told on them: K, M,
 * V, W, X, Z. `#` stands for what stands behind the `#` in the view's text, such as the number of a counter, up to four characters; `*` for the text of
 * the view's next line without its blanks, with y for I, which is a 1 on the left.
 */
export const SEGMENT_WORDS =
  "\nclosed=PAUSE\nnobodyOnDuty=nobody\naway=hoLd on\nlunch=LUnCh\noffHours=CLoSEd\nopensAt=oPEn#\ngoTo=Go #\n" +
  "invite=rAtE\nthanks=donE\npaperCard=USE CArd\nemergency=ALErt\nconfigWrong=Err ConF\nselfTest=t*\n" +
  "presentBadge=bAdGE\nnotApproved=rEFUSEd\nnothingAsked=nothInG\nrated=rAtEd\n" +
  "badgeUnknown=bAd Id 1\nbadgeRole=bAd Id 2\nbadgeAgain=AGAIn\nbadgeRevoked=bAd Id 3\nbadgeNotYet=bAd Id 4\nbadgeExpired=bAd Id 5\nbadgeCounter=bAd Id 6\n" +
  "pause_brief=P brIEF\npause_restroom=P toILEt\npause_phone=P PhonE\npause_meeting=P ConF\npause_cashUp=P CASh\npause_fault=P FAULt\npause_lunch=P LUnCh\n" +
  "neighbourPaused=# oFF\nneighbourBack=# on\n";

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
        .join((view[i + 1] || "").split(" ").join("").split("I").join("y"));
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
    addPictures: () => undefined,
  };
}
