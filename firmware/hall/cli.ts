// The program behind npm run receive.

import { receiveCommand } from "./receive-command.js";
import { ReceiveError } from "./receive-error.js";

try {
  await receiveCommand().parseAsync();
} catch (error) {
  if (!(error instanceof ReceiveError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
