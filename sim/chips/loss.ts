// What a disturbance takes from a chip.

/**
 * `register`: a display is switched off, or the antenna of a badge reader, or a clock has no month. `registers`: all of them, as after a reset. `supply`: the supply for a
 * moment, and with it the memory too, unless a battery keeps it. `bytes`: the chip hears nothing of its bus for a second.
 */
export type Loss = "register" | "registers" | "supply" | "bytes";

export const LOSSES: readonly Loss[] = ["register", "registers", "supply", "bytes"];

/** How long a chip loses bytes, in ms. */
export const DEAF_MS = 1000;

/** The part that the chip belongs to. */
export type LosingPart = "display" | "reader" | "clock";

/** A loss that changes the chip at once. */
export type ChipLoss = Exclude<Loss, "bytes">;
