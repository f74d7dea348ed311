// What runs on a board: the board's data, the bindings that it names, and the app. `#board` and the drivers are chosen by the build.

import { createBadgeReader } from "#badge-reader";
import { board } from "#board";
import { createDisplay } from "#display";
import { createLink } from "#link";
import { createClock } from "../hal/espruino/clock.js";
import { createFlash } from "../hal/espruino/flash.js";
import { createKeys } from "../hal/espruino/keys.js";
import { createLamp } from "../hal/espruino/lamp.js";
import { createSound } from "../hal/espruino/sound.js";
import { createStore } from "../hal/espruino/store.js";
import { startApp } from "./app.js";
import { checkConfig } from "./config/config.js";

const clock = createClock();
const store = createStore();
const checked = checkConfig(store.read("config"));

startApp({
  hal: {
    clock,
    keys: createKeys(clock, board.keys),
    badgeReader: createBadgeReader(clock, board.badgeReader),
    display: createDisplay(board.display),
    pauseLamp: createLamp(board.pauseLamp),
    answerLamp: createLamp(board.answerLamp),
    sound: createSound(board.sound),
    flash: createFlash(board.flash),
    store,
    link: createLink(board.link, checked.config ? checked.config.host : ""),
    watchdog: { start: () => E.enableWatchdog(20, false), kick: () => E.kickWatchdog() },
    crc32: (data) => E.CRC32(data),
    random32: () => E.hwRand() >>> 0,
  },
  checked,
  toBase64: (bytes) => btoa(bytes),
  resetCause: "power",
});
