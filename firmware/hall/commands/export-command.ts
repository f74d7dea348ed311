// receive export: prints every record of the database.

import { Command, Option } from "commander";
import { printSlowly } from "../../tools/output.js";
import { jsonOption } from "../../tools/program.js";
import { type ExportFormat, exportLines, replacedRows } from "../reports/record-export.js";
import { SqliteStore } from "../store/sqlite-store.js";
import { databaseOption } from "./database-option.js";

interface ExportOptions {
  readonly database: string;
  readonly format: ExportFormat;
  readonly device?: string;
  readonly replaced?: boolean;
}

export function exportCommand(): Command {
  return new Command("export")
    .description("print every record, in order")
    .addOption(databaseOption())
    .option("--device <name>", "of this terminal alone")
    .option("--replaced", "the records that did not verify and whose place another has taken, instead: they count for nobody")
    .addOption(new Option("--format <format>", "a line of JSON for each record, or a table").choices(["jsonl", "csv"]).default("jsonl"))
    .addOption(jsonOption("for scripts: a failure is a JSON object"))
    .action(async ({ database, format, device, replaced = false }: ExportOptions) => {
      const store = SqliteStore.read(database);
      for (const line of exportLines(replaced ? replacedRows(store, device) : store.records(device), format)) await printSlowly(line);
      store.close();
    });
}
