// receive clerks: what each clerk did in a month.

import { Command } from "commander";
import { print } from "../../tools/output.js";
import { jsonOption } from "../../tools/program.js";
import { ToolError } from "../../tools/tool-error.js";
import { readOffset, utcOffsetOption } from "../../tools/utc-offset.js";
import { clerkRows, clerkTable } from "../reports/clerk-report.js";
import { SqliteStore } from "../store/sqlite-store.js";
import { databaseOption } from "./database-option.js";

interface ClerksOptions {
  readonly database: string;
  readonly device?: string;
  readonly month?: string;
  readonly utcOffset: string;
  readonly json?: boolean;
}

const UNREAD = "Nothing was read.";

export function clerksCommand(): Command {
  return new Command("clerks")
    .description("what each clerk did in a month: matters and their lengths, ratings, coming and going")
    .addOption(databaseOption())
    .option("--month <month>", "such as 2026-03, by local time (default: everything, with what has no time)")
    .option("--device <name>", "at this terminal alone")
    .addOption(utcOffsetOption())
    .addOption(jsonOption("for scripts: a JSON list"))
    .action(({ database, device, month, utcOffset, json }: ClerksOptions) => {
      if (month !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
        throw new ToolError("usage", `--month ${month} is no month.`, UNREAD, "Write year and month: 2026-03.");
      const offset = readOffset(utcOffset, UNREAD);
      const store = SqliteStore.read(database);
      const rows = clerkRows(store.records(device), month, offset);
      print(json ? JSON.stringify(rows) : clerkTable(rows));
      store.close();
    });
}
