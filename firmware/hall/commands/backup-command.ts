// receive backup: writes a copy of the database, while the receiver works.

import { Command } from "commander";
import { jsonOption } from "../../tools/program.js";
import { createReport } from "../../tools/report.js";
import { backUp } from "../store/backup.js";
import { SqliteStore } from "../store/sqlite-store.js";
import { factsWords } from "./backup-words.js";
import { databaseOption } from "./database-option.js";

export function backupCommand(): Command {
  return new Command("backup")
    .description("write a copy of the database and prove it; a receiver may be at work")
    .argument("<file>", "the copy: a new file, which is never overwritten")
    .addOption(databaseOption())
    .addOption(jsonOption())
    .action((file: string, { database, json }: { readonly database: string; readonly json?: boolean }) => {
      const store = SqliteStore.read(database, "There is no backup.");
      try {
        const facts = backUp(store, file);
        createReport(json === true).result(`${file}: ${factsWords(facts)}. It is whole.`, { file, ...facts });
      } finally {
        store.close();
      }
    });
}
