// npm run bench: measures every budget of the design. The exit code is 1 when a figure is over its budget. Figures that depend on how busy this machine is
// never count.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { board as pico } from "../../firmware/boards/pico.js";
import { bundleBudgetBytes } from "../../firmware/tools/build/budgets.js";
import { boardNames, currentFirmware, readBoard } from "../../firmware/tools/build/build.js";
import { NAME_USES_FILE } from "../../firmware/tools/build/bundle.js";
import { runProgram } from "../../firmware/tools/program.js";
import { badgeFigures } from "./badge.js";
import { whyNoCallgrind } from "./callgrind.js";
import { DAY_SESSIONS, sampleFiles } from "./day.js";
import { type Figure, isFailure, tableOf, verdictOf } from "./figure.js";
import { garbageFigures } from "./garbage.js";
import { instructionsInPicoMs, pressFigures, redrawFigures, startFigures } from "./instructions.js";
import { ledgerFigures } from "./ledger.js";
import { ledgerFills } from "./ledger-fill.js";
import { memoryFigures } from "./memory.js";
import { nameUses } from "./name-uses.js";
import { flashFigures, pressStatementFigures, speedFigure, startStatementFigures } from "./simulation.js";
import { createCountingEngine, readableFirmware } from "./statements.js";

interface Options {
  readonly json?: boolean;
  readonly quick?: boolean;
  readonly explain?: boolean;
  readonly recordNames?: boolean;
  readonly sessions: number;
}

const HOW = `
How it is measured

variables     The real interpreter boots the Pico's bundle from flash, under the simulator's prelude, whose own variables are subtracted. The host
              acknowledges every record.
instructions  The real interpreter boots the Pico's bundle from flash, under valgrind's callgrind, in real time. sim/bench/prelude.js names the pins, and plays
              the badge, the invites and seven presses. Everything else is the interpreter's own. A count ends when the interpreter's C function for a lamp,
              a tone or a flash write is called or returns. The table shows the median of the presses. A record takes the whole callback of the press, and the
              callback that writes, up to its last write. The chord window and other callbacks between them do not count. Access to the file that stands for
              flash on this computer does not count, because a Pico reads memory; nor does a byte on an SPI bus, which is a register there. All of it is
              compared with the whole press of sim/bench/reference-sketch.js, which debounces, lights a lamp and appends a line, without a sound. It runs
              in the same way.
Pico's time   A small published loop took a Pico 458 us a turn (Espruino forum, "Float Speed: Espruino Pico vs Pyboard", 2017). The interpreter's instructions for
              a turn give those of a Pico in a millisecond. It is an estimate. A start lasts from the first statement of the firmware to the last. Then keys,
              badge reader and lamps work, and the display shows the state. The record of the start, a state that is due, and the hello come in later
              callbacks, and a press before them is handled first. The time to erase flash does not count. The interpreter should be built like those of
              boards, with RELEASE=1 and -Os: assertions, and calls that a board does not have, make a start a tenth longer.
badge to name The longest time of the reader, on the engine "bundle"; the instructions of the callback that sends the last byte of the name to the display, and
              for an MFRC522 those of the poll before, with the answers of the simulated chip; and a full view on the display's bus. An ESP32 counts as faster
              than a Pico in the ratio of their clocks. The time of a bus is its number of bits at its rate.
garbage       Six kinds of bytes that no host sends, in the chunks of a busy interpreter, for the reader of the cable. The instructions of a byte give a Pico's time,
              at the rate of the cable.
statements    The Pico's bundle before it is minified, with a counter in front of each statement, on the engine "bundle".
days a second The engine "node" without a trace plays a day of nine hours with power, a clerk who badges in and out, and a host. It is processor time.
`;

/** Shows the progress to somebody who waits at a terminal. With an interpreter the bench takes minutes. */
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number, 1 or more.");
  return Number(text);
}

/** A figure that is not measured. @param note the reason */
function missing(what: string, unit: string, note: string): Figure {
  return { what, unit, measured: undefined, note };
}

async function measure(options: Options): Promise<readonly Figure[]> {
  const files = sampleFiles();
  const figures: Figure[] = [];
  tell("building");
  for (const name of boardNames()) {
    const { bytes } = await currentFirmware(name);
    figures.push({ what: `bundle of ${name}`, unit: "bytes", measured: bytes, budget: bundleBudgetBytes(readBoard(name)) });
  }
  const { code } = await currentFirmware(pico.name);
  const counting = createCountingEngine(await readableFirmware(pico.name));
  const fills = ledgerFills(pico);
  const binary = process.env.ESPRUINO;
  const noInterpreter = binary ? undefined : "set ESPRUINO=/path/to/espruino";

  tell("playing sessions on the real interpreter");
  if (binary) figures.push(...memoryFigures(binary, code, files, options.sessions));
  else figures.push(missing("variables in use on a Pico", "variables", noInterpreter as string));

  tell("counting what a press and a start take");
  figures.push(...pressStatementFigures(counting, pico, files));
  const noCallgrind = noInterpreter ?? (options.quick ? "not with --quick" : whyNoCallgrind(binary as string));
  const perMs = noCallgrind ? 0 : instructionsInPicoMs(binary as string);
  if (noCallgrind) figures.push(missing("press to light, tone and record", "instructions", noCallgrind));
  else figures.push(...pressFigures(binary as string, code, files, perMs));

  tell("drawing views");
  const noRedraw = noInterpreter ?? whyNoCallgrind(binary as string);
  if (noRedraw) figures.push(missing("redraw of a view on a Pico, estimated", "ms", noRedraw));
  else figures.push(...redrawFigures(binary as string, code, files, perMs || instructionsInPicoMs(binary as string)));

  if (noCallgrind) figures.push(missing("a Pico's time for a second of garbage, estimated", "ms", noCallgrind));
  else figures.push(...(await garbageFigures(binary as string, files, perMs)));

  tell("holding badges to readers");
  if (noCallgrind) figures.push(missing("badge to name, estimated", "ms", noCallgrind));
  else figures.push(...(await badgeFigures(binary as string, perMs)));

  figures.push(...startStatementFigures(counting, pico, files, fills));
  if (noCallgrind) figures.push(missing("start on a Pico, estimated", "ms", noCallgrind));
  else figures.push(...startFigures(binary as string, code, files, fills, perMs));

  if (noCallgrind) figures.push(missing("append of a session's record on a Pico, estimated", "ms", noCallgrind));
  else figures.push(...(await ledgerFigures(binary as string, files, perMs)));

  tell("playing days");
  figures.push(...flashFigures(pico, files, options.quick ? 20 : DAY_SESSIONS));
  figures.push(speedFigure(pico, files, DAY_SESSIONS, options.quick ? 0.1 : 4));
  tell("");
  return figures;
}

async function recordNames(): Promise<void> {
  const uses = nameUses(await readableFirmware(pico.name), pico);
  writeFileSync(NAME_USES_FILE, `${JSON.stringify(uses, undefined, 2)}\n`);
  console.log(`${path.relative(".", NAME_USES_FILE)}: ${Object.keys(uses).length} names`);
}

const program = new Command("bench")
  .description("Measures every budget of the design. ESPRUINO names a real interpreter, built with the limits of a Pico.")
  .option("--json", "print JSON")
  .option("--quick", "a few sessions, and valgrind only for the redraw of a view")
  .option("--explain", "say how it is measured")
  .option(
    "--record-names",
    "record how often a day uses each name of the program, for the order in which the build declares them, and measure nothing",
  )
  .option("--sessions <number>", "sessions between the two counts of variables (default: 1000; the design's budget says 10000)", wholeNumber)
  .action(async (given: Partial<Options>) => {
    if (given.recordNames) return recordNames();
    const options = { ...given, sessions: given.sessions ?? (given.quick ? 10 : 1000) };
    const figures = await measure(options);
    if (options.json)
      console.log(
        JSON.stringify(
          figures.map((figure) => ({ ...figure, verdict: verdictOf(figure) })),
          undefined,
          2,
        ),
      );
    else console.log(tableOf(figures) + (options.explain ? `\n${HOW}` : ""));
    if (figures.some(isFailure)) process.exitCode = 1;
  });

await runProgram(program);
