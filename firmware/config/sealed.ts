// Sealed files: 8 lower-case hexadecimal digits, the CRC-32 of the rest, then the rest. A board uses it whole or not at all.

/** What a sealed file holds; "" when it is damaged, empty or not there. @param crc32 as in `Hal` */
export function contentOf(text: string | undefined, crc32: (data: string) => number): string {
  const content = (text || "").substr(8);
  return parseInt((text || "").substr(0, 8), 16) === crc32(content) ? content : "";
}
