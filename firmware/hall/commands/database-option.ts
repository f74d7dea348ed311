// The option of every command of a hall: its database.

import { Option } from "commander";

export function databaseOption(): Option {
  return new Option("--database <file>", "SQLite file with everything that was received").default("hall.sqlite");
}
