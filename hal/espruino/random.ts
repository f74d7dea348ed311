// Numbers that differ from start to start. On most chips `E.hwRand()` begins with the same number after each start; the microsecond of the call differs.

/** As in `Hal`. */
export function random32(): number {
  return (E.hwRand() ^ (getTime() * 1000000)) >>> 0;
}
