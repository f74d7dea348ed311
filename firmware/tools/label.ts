// The label of a terminal: who it is, for people and, as a QR code, for scanners.

import qrcode from "qrcode";
import { keepCopy } from "./device/device.js";
import type { FlashResult } from "./device/flash.js";

type Labelled = Pick<FlashResult, "device" | "counter" | "board" | "firmware" | "configuration" | "serial">;

/** What the QR code says. */
export function labelText({ device, counter, board, firmware, configuration, serial }: Labelled): string {
  const fields = new URLSearchParams({ counter, board, firmware, configuration: String(configuration), serial });
  return `counter-terminal:${encodeURIComponent(device)}?${fields}`;
}

/** The label as it is shown at the end of `flash`. Its QR code also goes into a file, to be printed. */
export async function makeLabel(result: Labelled): Promise<{ words: string; file: string }> {
  const text = labelText(result);
  const draw = (type: "utf8" | "svg"): Promise<string> => qrcode.toString(text, { type, margin: 2 });
  const file = keepCopy(result.device, "label.svg", Buffer.from(await draw("svg")));
  const words = `${await draw("utf8")}
  device         ${result.device}
  counter        ${result.counter}
  firmware       ${result.firmware}, ${result.board}
  configuration  ${result.configuration}
  chip           ${result.serial}

  to print: ${file}`;
  return { words, file };
}
