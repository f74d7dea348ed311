// The sounds of a terminal. The firmware names a cue, and the driver knows its notes or its clip.

/**
 * `welcome`: a citizen's matter begins; `waited`: the same after a long wait. `invite`: the citizen is asked for a rating. `press`: a key was heard. `thanks`: the rating
 * is in flash; it is the same for every grade. `apology`: service stops for a while. `signIn`, `signOut`: the clerk signs in or out. `refused`: the wish is refused.
 */
export type Cue = "welcome" | "waited" | "invite" | "press" | "thanks" | "apology" | "signIn" | "signOut" | "refused";

export interface Sound {
  /**
   * Starts a cue before it returns, and plays it in the background. A new cue cuts off the one that plays.
   * @param volumePercent 1 (hardly heard) to 100 (the loudest)
   */
  play(cue: Cue, volumePercent: number): void;
}
