// `npm run test:all` runs the tests again that depend on depth.ts, and no others.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { DEEP_FILES } from "./depth.js";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

it("the mode deep has exactly the files that depend on it", () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts") && file !== "depth.test.ts");
  const depending = files.filter((file) => /from "(\.\.?\/)+(depth|boards)\.js"/.test(readFileSync(path.join(FOLDER, file), "utf8")));
  expect(depending.map((file) => `test/${file.replaceAll(path.sep, "/")}`).sort()).toEqual([...DEEP_FILES].sort());
});
