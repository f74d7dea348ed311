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

/** The label as it is printed on a terminal window; its QR code also goes into a file. @returns the words, and the file of the code */
export async function makeLabel(result: Labelled): Promise<{ words: string; file: string }> {
  const text = labelText(result);
  const code = await qrcode.toString(text, { type: "utf8", margin: 1 });
  const file = keepCopy(result.device, "label.svg", Buffer.from(await qrcode.toString(text, { type: "svg", margin: 2 })));
  const words = [
    `  device         ${result.device}`,
    `  counter        ${result.counter}`,
    `  firmware       ${result.firmware}, ${result.board}`,
    `  configuration  ${result.configuration}`,
    `  chip           ${result.serial}`,
  ];
  return { words: `${code}\n${words.join("\n")}\n\n  to print: ${file}`, file };
}
