// The lamps of the board that is built, in the order of the bits of `Lamp`. A lamp that is not fitted is undefined.

import { board } from "#board";
import type { Board } from "../../firmware/boards/board.js";

export const lampWirings = [board.answerLamp, board.pauseLamp, (board as Board).ringLamps, (board as Board).signLamp];
