// The label of a terminal: its name and versions, for people and, as a QR code, for scanners.

import qrcode from "qrcode";
import { escaped } from "../boards/wiring-diagram.js";
import { keepCopy } from "./copies.js";
import type { FlashResult } from "./flash.js";

type Labelled = Pick<FlashResult, "device" | "counter" | "board" | "firmware" | "configuration" | "serial">;

/** The text of the QR code. */
export function labelText({ device, counter, board, firmware, configuration, serial }: Labelled): string {
  const fields = new URLSearchParams({ counter, board, firmware, configuration: String(configuration), serial });
  return `counter-terminal:${encodeURIComponent(device)}?${fields}`;
}

/** The label as it is shown at the end of `flash`. It also goes into a file, to be printed. */
export async function makeLabel(result: Labelled): Promise<{ words: string; file: string }> {
  const text = labelText(result);
  const lines = [
    ["device", result.device],
    ["counter", result.counter],
    ["firmware", `${result.firmware}, ${result.board}`],
    ["configuration", String(result.configuration)],
    ["chip", result.serial],
  ] as const;
  const file = keepCopy(result.device, "label.svg", Buffer.from(drawLabel(await qrcode.toString(text, { type: "svg", margin: 2 }), lines)));
  const words = `${await qrcode.toString(text, { type: "utf8", margin: 2 })}
${lines.map(([name, value]) => `  ${name.padEnd(15)}${value}`).join("\n")}

  to print: ${file}`;
  return { words, file };
}

/** The label as a picture of 90 mm by 30 mm. */
function drawLabel(qr: string, lines: readonly (readonly [string, string])[]): string {
  const drawn = lines.map(([name, value], i) => {
    const y = 5.6 + 5.2 * i;
    const size = name === "device" || name === "counter" ? 'font-size="3.6" font-weight="bold"' : 'font-size="2.6"';
    return `<text x="30.5" y="${y}" font-size="2.2" fill="#555">${name}</text><text x="47" y="${y}" ${size}>${escaped(value)}</text>`;
  });
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30" width="90mm" height="30mm" font-family="sans-serif">',
    '<rect width="90" height="30" fill="#fff"/>',
    qr.trim().replace("<svg ", '<svg x="0.5" y="0.5" width="29" height="29" '),
    ...drawn,
    "</svg>\n",
  ].join("\n");
}
