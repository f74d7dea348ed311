// @ts-check
// A sketch for the same keypad that does the least that is of use: it debounces, lights a lamp and appends a line of 64 bytes to flash. It has no display,
// badge, invite or host, does not verify its writes, and loses a record when the power goes in the middle. The firmware's rules are measured against it.

const PRESS_QUIET_SECONDS = 0.05;
const LINE_BYTES = 64;
const BLANKS = "                                                                ";
const flash = require("Flash");
let next = 0x08060000;

const keys = [A0, A1, A4, A5, A6];
const lastEdge = [0, 0, 0, 0, 0];

digitalWrite(B4, 0);

keys.forEach((pin, i) => {
  pinMode(pin, "input_pullup");
  setWatch(
    (event) => {
      const isQuiet = event.time - /** @type {number} */ (lastEdge[i]) > PRESS_QUIET_SECONDS;
      lastEdge[i] = event.time;
      if (event.state || !isQuiet) return;
      digitalWrite(B4, 1);
      setTimeout(() => digitalWrite(B4, 0), 500);
      flash.write((JSON.stringify([event.time, 5 - i]) + BLANKS).substr(0, LINE_BYTES), next);
      next += LINE_BYTES;
    },
    pin,
    { repeat: true, edge: "both" },
  );
});
