// The times of the watchdog, as the board file states them.

import { board } from "#board";
import type { Board, WatchdogTimes } from "../../../firmware/boards/board.js";

export const { kickMs, seconds } = (board as Board).watchdog as WatchdogTimes;
