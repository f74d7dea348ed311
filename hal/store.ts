// The files with which the terminal was provisioned: configuration, roster, texts, glyphs. They are read only: in the field nothing writes them.

export interface Store {
  /**
   * The whole file as a byte string (each character is one byte; text is UTF-8), or undefined where there is none.
   * On a board it is a view of flash, which takes no memory, however long it is: use `substr` and `indexOf` on it.
   * @param name 1 to 28 ASCII characters
   */
  read(name: string): string | undefined;
}
