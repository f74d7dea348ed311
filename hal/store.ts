// Files that were written when the terminal was provisioned: configuration, roster, texts, glyphs. Read only: in the field nothing writes them.

export interface Store {
  /**
   * The whole file as a byte string (each character is one byte; text is UTF-8), or undefined when there is none.
   * On a board it is a view of flash and costs no memory, whatever its size: cut it with `substr`, search it with `indexOf`.
   * @param name 1 to 28 ASCII characters
   */
  read(name: string): string | undefined;
}
