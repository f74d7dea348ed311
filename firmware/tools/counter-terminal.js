#!/usr/bin/env node
// Runs the technician's command line from its TypeScript sources: there is no build step, in the project and as an installed package alike.

import { register } from "tsx/esm/api";

register();
await import("./cli.js");
