// Shows views on seven-segment digits: the staff number of who is on duty, or a word that such digits can form. A printed label beside the digits explains
// the words (hal/espruino/display/MAX7219.md).

import type { SegmentDisplay } from "../../hal/display.js";
import { placeOf } from "../text.js";
import type { Screen } from "./screen.js";

/**
 * The words of those phrases that have one, by the ids of the phrases. Each letter has the case that seven segments can show. K, M, V, W, X and Z are not
 * used, because seven segments cannot show them. A `#` is replaced by up to four characters behind the `#` of the view's text, such as the number of a
 * counter. A `*` is replaced by the text of the view's next line without blanks, where y stands for I, which would look like a 1.
 */
export const SEGMENT_WORDS =
  "\nclosed=PAUSE\nnobodyOnDuty=nobody\naway=hoLd on\nlunch=LUnCh\noffHours=CLoSEd\nopensAt=oPEn#\ngoTo=Go #\n" +
  "welcome=hELLo\nwaited=Sorry\ninvite=rAtE\nthanks=donE\npaperCard=USE CArd\nemergency=ALErt\nconfigWrong=Err ConF\nselfTest=t*\n" +
  "presentBadge=bAdGE\nnotApproved=rEFUSEd\nnothingAsked=nothInG\nrated=rAtEd\nafterInvite=LAtEr\n" +
  "badgeUnknown=bAd Id 1\nbadgeRole=bAd Id 2\nbadgeAgain=AGAIn\nbadgeRevoked=bAd Id 3\nbadgeNotYet=bAd Id 4\nbadgeExpired=bAd Id 5\nbadgeCounter=bAd Id 6\n" +
  "pause_brief=P brIEF\npause_restroom=P toILEt\npause_phone=P PhonE\npause_meeting=P ConF\npause_cashUp=P CASh\npause_fault=P FAULt\npause_lunch=P LUnCh\n" +
  "neighbour_paused=# oFF\nneighbour_open=# on\nneighbour_unattended=# no\nneighbour_closed=# CLo\n";

/** Ids of reasons begin with this. The label has the texts of all reasons with their official codes, and the digits show the code of the first key. */
const REASON = "@reason";

export function createScreen(display: SegmentDisplay): Screen {
  let shown = "";

  /** The word of the last line that has one, because the last line is the most specific. */
  function wordOf(view: readonly string[]): string {
    for (let i = view.length - 1; i > 0; i--) {
      const parts = (view[i] as string).split("#");
      const id = parts[0] as string;
      if (id.charAt(0) !== "@") continue;
      if (i === 2 && id.substr(0, REASON.length) === REASON) return "rE " + id.substr(REASON.length);
      const key = "\n" + id.substr(1) + "=";
      const at = placeOf(SEGMENT_WORDS, key) + key.length;
      if (at < key.length) continue;
      return SEGMENT_WORDS.substr(at, SEGMENT_WORDS.indexOf("\n", at) - at)
        .split("#")
        .join((parts[1] || "").split(":").join("."))
        .split("*")
        .join((view[i + 1] || "").split(" ").join("").split("I").join("y"));
    }
    // The staff number of the card.
    return view[1] || "";
  }

  return {
    show(view) {
      const key = view.join("\n");
      if (key === shown && !display.isLost()) return true;
      shown = display.show(wordOf(view)) === "ok" ? key : "";
      return !!shown;
    },
    // The same word is shown for every emergency text.
    objectionTo: () => "",
    addPictures: () => undefined,
  };
}
