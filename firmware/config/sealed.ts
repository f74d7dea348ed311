// Sealed files begin with the CRC-32 of their content, as 8 lower-case hexadecimal digits. A board uses such a file only if it is whole.

/** The content of a sealed file, or "" where the file is damaged, empty or missing. @param crc32 as in `Hal` */
export function contentOf(text: string | undefined, crc32: (data: string) => number): string {
  const content = (text || "").substr(8);
  return parseInt((text || "").substr(0, 8), 16) === crc32(content) ? content : "";
}
