// The program behind npx counter-terminal, npm run build and npm run ledger.

import { runTool } from "./tool.js";

await runTool(process.argv.slice(2));
