// What a sketch for the same keypad looks like when it does the least that is of use: it debounces, lights a lamp and appends a line of 64 bytes to flash. No display,
// no badge, no invite, no host, no check of what was written, nothing that survives a power cut in the middle. It is the measure for what the firmware's rules cost.

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
      const isQuiet = event.time - lastEdge[i] > PRESS_QUIET_SECONDS;
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
