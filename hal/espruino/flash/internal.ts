// The chip's own flash, by require("Flash").

export const chip: EspruinoFlash = require("Flash");
