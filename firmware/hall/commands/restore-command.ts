// receive restore: puts a backup in the place of the database.

import { Command } from "commander";
import { jsonOption } from "../../tools/program.js";
import { createReport } from "../../tools/report.js";
import { restore } from "../store/backup.js";
import { factsWords } from "./backup-words.js";
import { databaseOption } from "./database-option.js";

export function restoreCommand(): Command {
  return new Command("restore")
    .description("put a backup in the place of the database, which is kept beside it; no receiver may be at work")
    .argument("<backup>", "a file that receive backup has written")
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((file: string, { database, json }: { readonly database: string; readonly json?: boolean }) => {
      const { backup, before, missing } = restore(database, file);
      const kept = before === undefined ? "" : ` The database before is kept as ${before}${missingWords(missing)}.`;
      const next = " Start the receiver: it asks the terminals for what is missing, and tells what they do not have any more.";
      createReport(json === true).result(`${database}: ${factsWords(backup)}.${kept}${next}`, { database, ...backup, before, missing });
    });
}

function missingWords(missing: number | undefined): string {
  if (missing === undefined) return ": it cannot be read";
  return missing === 0 ? "" : `: it has ${missing} ${missing === 1 ? "record" : "records"} that the backup does not have`;
}
