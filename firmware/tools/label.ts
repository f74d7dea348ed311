// The label of a terminal: who it is, for people and, as a QR code, for scanners.

import { keepCopy } from "./device/device.js";
import type { FlashResult } from "./device/flash.js";

type Labelled = Pick<FlashResult, "device" | "counter" | "board" | "firmware" | "configuration" | "serial">;

/** What the QR code says. */
export function labelText({ device, counter, board, firmware, configuration, serial }: Labelled): string {
  const fields = new URLSearchParams({ counter, board, firmware, configuration: String(configuration), serial });
  return `counter-terminal:${encodeURIComponent(device)}?${fields}`;
}

/** Draws a QR code; undefined where the package for it, which is optional, is not installed. */
async function drawCode(text: string, type: "utf8" | "svg"): Promise<string | undefined> {
  try {
    const { default: qrcode } = await import("qrcode");
    return await qrcode.toString(text, { type, margin: 2 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/**
 * The label as it is shown at the end of `flash`. Its QR code also goes into a file, to be printed.
 * @returns `file` is undefined where no code can be drawn: a terminal must not fail for want of a label
 */
export async function makeLabel(result: Labelled): Promise<{ words: string; file: string | undefined }> {
  const text = labelText(result);
  const code = await drawCode(text, "utf8");
  const svg = await drawCode(text, "svg");
  const file = svg && keepCopy(result.device, "label.svg", Buffer.from(svg));
  const words = [
    `  device         ${result.device}`,
    `  counter        ${result.counter}`,
    `  firmware       ${result.firmware}, ${result.board}`,
    `  configuration  ${result.configuration}`,
    `  chip           ${result.serial}`,
    "",
    file ? `  to print: ${file}` : "  There is no QR code: the package qrcode is not installed.",
  ];
  return { words: [...(code ? [code] : []), ...words].join("\n"), file };
}
