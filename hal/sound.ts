// What the terminal can be heard to say. The firmware asks for a cue by its name; which notes or which clip that is, the driver knows.

/**
 * `welcome`: a citizen's matter begins. `invite`: the citizen is asked for a rating. `press`: a key was heard. `thanks`: the rating is kept, the same
 * whatever the grade. `apology`: service stops for a while. `signIn`, `signOut`: of the clerk. `refused`: what was wanted is not possible.
 */
export type Cue = "welcome" | "invite" | "press" | "thanks" | "apology" | "signIn" | "signOut" | "refused";

export interface Sound {
  /**
   * Starts a cue before the call returns, and goes on with it in the background. A new one cuts off the one that plays; one that the sounder does
   * not have changes nothing.
   * @param volumePercent 1 (hardly heard) to 100 (as loud as it can)
   */
  play(cue: Cue, volumePercent: number): void;
}
