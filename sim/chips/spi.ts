// The SPI buses of a virtual board, and the interface of a chip on them. A chip is told the levels of its pins and the bytes that are sent to it.

/** A chip does not understand its input, or the input would harm it. A real chip would do something that was not intended. */
export class ChipRefusal extends Error {}

/** The pins of an SPI bus, and the pin that selects a chip, by their names on the board. */
export interface SpiPins {
  readonly sck: string;
  readonly mosi: string;
  /** Absent where the chip sends nothing back. */
  readonly miso?: string | undefined;
  /** Chip select: low during transfers to this chip. */
  readonly cs: string;
}

export interface SpiChip {
  /** Its name in refusals. */
  readonly name: string;
  /** Highest clock, in Hz, from the datasheet. */
  readonly mostHz: number;
  /** The clock modes that it supports, 0 to 3. */
  readonly modes: readonly number[];
  /** Chip select goes low, or high again. */
  select?(isSelected: boolean): void;
  /** Receives a byte and sends another, most significant bit first. @throws ChipRefusal */
  exchange(byte: number): number;
}

/** The settings of a bus, as `SPI.setup` takes them. */
export interface SpiSetup {
  readonly sck?: string;
  readonly mosi?: string;
  readonly miso?: string;
  /** The clock, in Hz. A bus in software ignores it. */
  readonly baud?: number;
  readonly mode?: number;
}

/** The byte that a board reads while nobody drives the line: it has a pull-up. */
const IDLE = 0xff;

interface Wired {
  readonly pins: SpiPins;
  readonly chip: SpiChip;
  readonly isConnected: () => boolean;
  isSelected: boolean;
  /** Whether the chip has missed bytes. It may refuse the others then, and that is not reported. */
  hasMissed: boolean;
}

/** The SPI buses of a board, and the chips on them. */
export class SpiBuses {
  private readonly setups = new Map<string, SpiSetup>();
  /** The rates of those, in Hz, once they were asked for. */
  private readonly rates = new Map<string, number>();
  private readonly chips: Wired[] = [];

  /** @param clockHz clock of a processor whose buses run at half of it, a quarter and so on; undefined: every rate is possible */
  constructor(private readonly clockHz?: number) {}

  /** Wires a chip. @param isConnected whether its cable is plugged in; otherwise bytes are lost */
  attach(pins: SpiPins, chip: SpiChip, isConnected: () => boolean = () => true): void {
    this.chips.push({ pins, chip, isConnected, isSelected: false, hasMissed: false });
  }

  /** Every pin of every chip. */
  pins(): string[] {
    return this.chips.flatMap(({ pins }) => [pins.sck, pins.mosi, pins.cs, ...(pins.miso === undefined ? [] : [pins.miso])]);
  }

  /** Whether a pin is the chip select of a chip. */
  isSelectPin(pin: string): boolean {
    return this.chips.some(({ pins }) => pins.cs === pin);
  }

  setup(bus: string, setup: SpiSetup): void {
    this.setups.set(bus, setup);
    this.rates.delete(bus);
  }

  /** Sets the level of a chip select pin. @throws ChipRefusal when two chips of a bus are selected */
  select(pin: string, isLow: boolean): void {
    for (const wired of this.chips) {
      if (wired.pins.cs !== pin || wired.isSelected === isLow) continue;
      wired.isSelected = isLow;
      const other = isLow && this.chips.find((each) => each !== wired && each.isSelected && each.pins.sck === wired.pins.sck);
      if (other) throw new ChipRefusal(`${wired.chip.name}: selected while ${other.chip.name} is`);
      if (this.reaches(wired)) {
        try {
          wired.chip.select?.(isLow);
        } catch (error) {
          this.endAfter(wired, error);
        }
      }
    }
  }

  /**
   * Sends bytes over a bus.
   * @param bus `SPI1` and so on, or any name of a bus in software
   * @returns the bytes that came back, as many as were sent
   * @throws ChipRefusal when the bus is not set up, no chip on it is selected, or that chip does not understand
   */
  exchange(bus: string, bytes: readonly number[]): number[] {
    const setup = this.setups.get(bus);
    if (!setup) throw new ChipRefusal(`${bus}: used before it was set up`);
    const wired = this.chips.find(({ pins, isSelected }) => isSelected && pins.sck === setup.sck && pins.mosi === setup.mosi);
    if (!wired) throw new ChipRefusal(`${bus}: bytes for nobody, no chip select is low on ${setup.sck} ${setup.mosi}`);
    const { chip, pins } = wired;
    if (!chip.modes.includes(setup.mode ?? 0)) throw new ChipRefusal(`${chip.name}: does not understand SPI mode ${setup.mode}`);
    const hz = this.rateHz(bus);
    if (hz > chip.mostHz) throw new ChipRefusal(`${chip.name}: ${hz} Hz, the most is ${chip.mostHz}`);
    const isHeard = pins.miso !== undefined && pins.miso === setup.miso;
    const back: number[] = [];
    // A view of the display is a thousand bytes, and a simulated day sends it thousands of times.
    for (let i = 0; i < bytes.length; i++) {
      let answer = IDLE;
      if (this.reaches(wired)) {
        try {
          answer = chip.exchange((bytes[i] as number) & 0xff);
        } catch (error) {
          this.endAfter(wired, error);
        }
      }
      back.push(isHeard ? answer & 0xff : IDLE);
    }
    return back;
  }

  /** The rate at which a bus really runs, in Hz; 0 for a bus in software, whose rate is unknown. */
  rateHz(bus: string): number {
    const rate = this.rates.get(bus) ?? this.nearestRateHz(bus);
    this.rates.set(bus, rate);
    return rate;
  }

  private nearestRateHz(bus: string): number {
    const wantedHz = bus.startsWith("SPI") ? (this.setups.get(bus)?.baud ?? 0) : 0;
    if (!this.clockHz || !wantedHz) return wantedHz;
    // The nearest of the possible rates, slower or faster.
    const rates = Array.from({ length: 8 }, (_, i) => (this.clockHz as number) / 2 ** (i + 1));
    return rates.reduce((best, each) => (Math.abs(each - wantedHz) < Math.abs(best - wantedHz) ? each : best));
  }

  /** Whether a level or a byte reaches a chip: its cable may be loose. */
  private reaches(wired: Wired): boolean {
    const isConnected = wired.isConnected();
    if (!isConnected) wired.hasMissed = true;
    return isConnected;
  }

  /** What was refused has ended: nobody is left to raise chip select. @throws the error, unless the chip has missed what was before */
  private endAfter(wired: Wired, error: unknown): void {
    wired.isSelected = false;
    if (!(error instanceof ChipRefusal) || !wired.hasMissed) throw error;
  }
}
