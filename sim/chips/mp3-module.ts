// A voice module with an MP3 player (DFPlayer Mini, YX5200 and the like), as a driver sees it: frames of 10 bytes at 9600 baud. It plays files of the
// card's folder `mp3` by number, and refuses every frame that the real module refuses or does not understand. Source: the module's datasheet "FN-M16P
// Embedded MP3 Audio Module" V1.0, sections 3.1 (frames), 3.2 (checksum) and 3.3 (commands).

/** The commands that the driver uses. */
const SET_VOLUME = 0x06;
const PLAY_FROM_MP3_FOLDER = 0x12;

/** Time after power-up in which the module reads its card and takes no commands, in ms. The manual says 1.5 to 3 s. */
export const MP3_READY_MS = 1500;

/** Number of files on the card. */
export const MP3_CLIPS = 9;

export class Mp3Module {
  private pending: number[] = [];
  private volume = 30;

  /**
   * @param isReady whether the module has read its card
   * @param onPlay is called for each clip that begins, with its volume, 0 to 30
   */
  constructor(
    private readonly isReady: () => boolean,
    private readonly onPlay: (clip: number, volume: number) => void,
  ) {}

  /** Takes bytes. @throws Error that names a frame which the module would not understand */
  write(bytes: readonly number[]): void {
    this.pending.push(...bytes);
    while (this.pending.length >= 10) this.frame(this.pending.splice(0, 10));
  }

  private frame(bytes: readonly number[]): void {
    const [start, version, length, command, feedback, high = 0, low = 0, sumHigh = 0, sumLow = 0, end] = bytes;
    const words = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    if (start !== 0x7e || version !== 0xff || length !== 6 || end !== 0xef) throw new Error(`MP3 module: no frame: ${words}`);
    const sum = bytes.slice(1, 7).reduce((total, byte) => total + byte, 0);
    if (((sum + sumHigh * 256 + sumLow) & 0xffff) !== 0) throw new Error(`MP3 module: wrong checksum: ${words}`);
    if (feedback !== 0) throw new Error(`MP3 module: feedback is asked for, and nobody listens: ${words}`);
    const value = high * 256 + low;
    if (command === SET_VOLUME) {
      if (value > 30) throw new Error(`MP3 module: volume ${value}, the most is 30`);
      if (this.isReady()) this.volume = value;
    } else if (command === PLAY_FROM_MP3_FOLDER) {
      if (value < 1 || value > MP3_CLIPS) throw new Error(`MP3 module: there is no file mp3/${String(value).padStart(4, "0")}`);
      if (this.isReady()) this.onPlay(value, this.volume);
    } else throw new Error(`MP3 module: unknown command 0x${(command as number).toString(16)}`);
  }
}
