// receive report: the state of the terminals, logs and alarms.

import { Command } from "commander";
import { print } from "../../tools/output.js";
import { jsonOption } from "../../tools/program.js";
import { keysIn } from "../device-keys.js";
import { reportOf, reportText } from "../reports/log-report.js";
import { SqliteStore } from "../store/sqlite-store.js";
import { databaseOption } from "./database-option.js";

export function reportCommand(): Command {
  return new Command("report")
    .description(
      "logs, how far they are proven, their heads for npm run ledger -- check --head, and alarms; the exit code is 1 when anything is wrong",
    )
    .addOption(databaseOption())
    .option("--keys <folder>", "proves every log again with the keys there")
    .addOption(jsonOption("for scripts: one JSON object"))
    .action(({ database, keys, json }: { readonly database: string; readonly keys?: string; readonly json?: boolean }) => {
      const store = SqliteStore.read(database);
      const report = reportOf(store, keys === undefined ? undefined : keysIn(keys));
      print(json ? JSON.stringify(report) : reportText(report));
      store.close();
      if (!report.isGood) process.exitCode = 1;
    });
}
