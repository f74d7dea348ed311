// What a virtual board needs to know of a chip on an SPI bus. The chip hears of its pins and of the bytes that are meant for it.

/** A chip was told what it does not understand, or what would harm it: a real one would do something else than was meant. */
export class ChipRefusal extends Error {}

/** The pins that a chip on an SPI bus shares with others, and the one that selects it, by the board's names. */
export interface SpiPins {
  readonly sck: string;
  readonly mosi: string;
  /** Absent: nothing comes back. */
  readonly miso?: string | undefined;
  /** Chip select: low while the bytes are meant for this chip. */
  readonly cs: string;
}

export interface SpiChip {
  /** As a refusal names it. */
  readonly name: string;
  /** The highest clock by its datasheet. */
  readonly mostHz: number;
  /** The clock modes that it understands, of 0 to 3. */
  readonly modes: readonly number[];
  /** Its chip select went low, or high again. */
  select?(isSelected: boolean): void;
  /** A byte comes in while another goes out, most significant bit first. @throws ChipRefusal */
  exchange(byte: number): number;
}

/** How a bus was set up: what `SPI.setup` is given. */
export interface SpiSetup {
  readonly sck?: string;
  readonly mosi?: string;
  readonly miso?: string;
  /** The clock, in Hz; a bus in software ignores it. */
  readonly baud?: number;
  readonly mode?: number;
}

/** What a chip sends while nobody drives its line: the pull-up of the board. */
const IDLE = 0xff;

/** The SPI buses of a board, and the chips on them. */
export class SpiBuses {
  private readonly setups = new Map<string, SpiSetup>();
  private readonly chips: { readonly pins: SpiPins; readonly chip: SpiChip; readonly isConnected: () => boolean; isSelected: boolean }[] = [];

  /** Wires a chip. @param isConnected whether its cable is in: bytes to a loose one are lost */
  attach(pins: SpiPins, chip: SpiChip, isConnected: () => boolean = () => true): void {
    this.chips.push({ pins, chip, isConnected, isSelected: false });
  }

  /** Every pin of every chip. */
  pins(): string[] {
    return this.chips.flatMap(({ pins }) => [pins.sck, pins.mosi, pins.cs, ...(pins.miso === undefined ? [] : [pins.miso])]);
  }

  /** The chip select pins. */
  selectPins(): string[] {
    return this.chips.map(({ pins }) => pins.cs);
  }

  setup(bus: string, setup: SpiSetup): void {
    this.setups.set(bus, setup);
  }

  /** A chip select pin has this level now. @throws ChipRefusal when two chips of a bus are selected */
  select(pin: string, isLow: boolean): void {
    for (const wired of this.chips) {
      if (wired.pins.cs !== pin || wired.isSelected === isLow) continue;
      wired.isSelected = isLow;
      const other = isLow && this.chips.find((each) => each !== wired && each.isSelected && each.pins.sck === wired.pins.sck);
      if (other) throw new ChipRefusal(`${wired.chip.name}: selected while ${other.chip.name} is`);
      if (wired.isConnected()) wired.chip.select?.(isLow);
    }
  }

  /**
   * Sends bytes over a bus.
   * @param bus `SPI1` and its like, or any name of a bus in software
   * @returns what came back, as many bytes
   * @throws ChipRefusal when the bus is not set up, no chip on it is selected, or that chip does not understand
   */
  exchange(bus: string, bytes: readonly number[]): number[] {
    const setup = this.setups.get(bus);
    if (!setup) throw new ChipRefusal(`${bus}: used before it was set up`);
    const wired = this.chips.find(({ pins, isSelected }) => isSelected && pins.sck === setup.sck && pins.mosi === setup.mosi);
    if (!wired) throw new ChipRefusal(`${bus}: bytes for nobody, no chip select is low on ${setup.sck} ${setup.mosi}`);
    const { chip, pins } = wired;
    if (!chip.modes.includes(setup.mode ?? 0)) throw new ChipRefusal(`${chip.name}: does not understand SPI mode ${setup.mode}`);
    if (bus.startsWith("SPI") && (setup.baud ?? 0) > chip.mostHz) throw new ChipRefusal(`${chip.name}: ${setup.baud} Hz, the most is ${chip.mostHz}`);
    return bytes.map((byte) => {
      const back = wired.isConnected() ? chip.exchange(byte & 0xff) : IDLE;
      return pins.miso !== undefined && pins.miso === setup.miso ? back & 0xff : IDLE;
    });
  }
}
