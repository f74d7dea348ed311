// The program behind npm run receive.

import { runProgram } from "../tools/program.js";
import { receiveCommand } from "./receive-command.js";

await runProgram(receiveCommand());
