// Numbers that readers invent. A cheap reader at the edge of its field, or a line that nothing drives, gives bits that are all alike.

/** Whether the bits of a number are all 0 or all 1: then it is noise and no badge. @param digits upper-case hexadecimal digits */
export function isNoise(digits: string): boolean {
  const first = digits.charAt(0);
  return (first === "0" || first === "F") && digits.split(first).length > digits.length;
}
