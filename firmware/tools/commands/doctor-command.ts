// doctor: says what is connected to this computer, and what to do with it.

import { Command } from "commander";
import type { Board } from "../../boards/board.js";
import type { Config } from "../../config/config.js";
import { type LedgerPlace, ledgerPlace } from "../boards/board-limits.js";
import { boardNames, readBoard } from "../build/build.js";
import { requireConsole } from "../device/board-console.js";
import { type DeviceFacts, factsOf, KNOWN_VERSION, mismatch } from "../device/device-facts.js";
import { withState } from "../device/device-state.js";
import { readConfigOf } from "../device/storage.js";
import { listPorts } from "../device/transport.js";
import { jsonOption } from "../program.js";
import { createReport, type Report } from "../report.js";
import { ToolError, UNCHANGED } from "../tool-error.js";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("say what is connected, which board it is, whether its Espruino is one that is known, and what to do")
    .option("--port <port>", "only this one")
    .addOption(jsonOption())
    .action(async (options: { readonly port?: string; readonly json?: boolean }) => {
      const report = createReport(options.json === true);
      const boards = boardNames().map(readBoard);
      const found = options.port ? [{ path: options.port, maker: "" }] : await listPorts();
      if (found.length === 0)
        report.result("Nothing is plugged in: connect the board by USB. A cable that only charges has no data wires.", { ports: [] });
      for (const { path: port, maker } of found) {
        report.step(`${port}${maker ? ` (${maker})` : ""}`);
        try {
          await examine(port, boards, report);
        } catch (error) {
          if (!(error instanceof ToolError)) throw error;
          report.result(`  ${error.words}`, { port, ...error.toJSON() });
          process.exitCode = error.exitCode;
        }
      }
    });
}

async function examine(port: string, boards: readonly Board[], report: Report): Promise<void> {
  const device = await requireConsole(port);
  const { facts, config } = await withState({ now: UNCHANGED }, async () => ({
    facts: await factsOf(device),
    config: await readConfigOf(device),
  })).finally(() => device.close());
  const able = boards.filter(({ espruinoName }) => espruinoName === facts.espruinoName);
  const [board] = able;
  const isKnown = facts.version.startsWith(KNOWN_VERSION);
  const advice = adviceFor(port, facts, able, config);
  const ledgers = able.map((each) => ({ board: each.name, ...ledgerPlace(each) }));
  const content = config ? `the terminal ${config.device} of counter ${config.counter}, open` : "no terminal yet";
  report.result(
    `  ${facts.espruinoName}, Espruino ${facts.version}, ${facts.variables} variables, chip ${facts.serial}: ${content}\n  ${[...ledgers.map(ledgerWords), ...advice].join("\n  ")}`,
    { port, ...facts, board: board?.name ?? null, device: config?.device ?? null, isKnown, ledgers, advice },
  );
}

/** Where a board file keeps the ledger, and whether its chip is specified to have that place. */
function ledgerWords({ board, words, unspecified }: LedgerPlace & { readonly board: string }): string {
  return `the ledger of --board ${board} is ${words}: ${unspecified ? `OUTSIDE the specification, as ${unspecified}` : "within the specification"}`;
}

/** What to do with a board, a sentence each. @param able the board files for its chip */
function adviceFor(port: string, facts: DeviceFacts, able: readonly Board[], config: Config | undefined): string[] {
  const [board, ...others] = able;
  if (!board) return [`there is no board file for a ${facts.espruinoName}: write one, see firmware/boards/board.ts, or use another board`];
  const why = mismatch(facts, board);
  if (why) return [`it cannot be used as it is: ${why}. Put Espruino ${KNOWN_VERSION} on it: GUIDE.md says how`];
  const advice = config
    ? [`see how it is: counter-terminal status --board ${board.name} --port ${port}`, "close it before it goes back: run flash again"]
    : [`make it a terminal: counter-terminal flash --board ${board.name} --port ${port} --config FILE`];
  if (others.length > 0)
    advice.push(`wired as in another board file, say that instead of ${board.name}: ${others.map(({ name }) => name).join(", ")}`);
  if (!facts.version.startsWith(KNOWN_VERSION))
    advice.push(`the firmware is tested with Espruino ${KNOWN_VERSION}, and this is another: put that on it, GUIDE.md says how`);
  return advice;
}
