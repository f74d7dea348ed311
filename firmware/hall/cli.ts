// The program behind npm run receive.

import { runProgram } from "../tools/program.js";
import { receiveCommand } from "./commands/receive-command.js";

await runProgram(receiveCommand());
