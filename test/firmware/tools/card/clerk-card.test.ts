// The clerk's card: says nothing that the table does not, has all of the table, tells the times of its counter, and never replaces a file.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { unconfigured } from "../../../../firmware/config/config.js";
import { cardLines, drawClerkCard } from "../../../../firmware/tools/card/clerk-card.js";
import { ANSWERS, answerTo, GESTURES, STATE_NAMES, STATES } from "../../../../firmware/tools/card/clerk-ways.js";
import { unpackConfig } from "../../../../firmware/tools/provision/stored-config.js";
import { commandLine } from "../command-line.js";

it("says in its sentences what the table says", () => {
  const shown = cardLines(unpackConfig(unconfigured())).flatMap(({ shows }) => shows);
  expect(shown.length).toBeGreaterThan(10);
  for (const [state, gesture, answer] of shown) expect([state, gesture, answerTo(state, gesture)]).toEqual([state, gesture, answer]);
});

it("has a row for each state, a column for each gesture, and every answer in Chinese and English", () => {
  const page = drawClerkCard(unpackConfig(unconfigured()));
  for (const { zh, en } of [...Object.values(STATES), ...Object.values(GESTURES), ...Object.values(ANSWERS)])
    expect(page).toContain(`${zh}<small>${en}</small>`);
  // The spans of each row add up to the gestures.
  const rows = [...(page.split("<tbody>")[1] as string).matchAll(/<tr>.*<\/tr>/g)].map(([row]) => row);
  const widths = rows.map((row) => [...row.matchAll(/colspan="(\d+)"/g)].reduce((sum, [, count]) => sum + Number(count), 0));
  expect(widths).toEqual(STATE_NAMES.map(() => Object.keys(GESTURES).length));
});

it("is written by the tool with the times of a counter, and over no other file", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "card-"));
  const [site, file] = [path.join(folder, "hall.yaml"), path.join(folder, "card.html")];
  writeFileSync(
    site,
    `counters: [{ version: 1, device: d, counter: "1" }, { version: 1, device: e, counter: "2", timeoutMs: 20000, longTimeoutMs: 75000 }]\npeople: []\n`,
  );
  const words = ["card", file, "--config", site, "--counter", "2"];
  expect(await commandLine(words)).toMatchObject({ status: 0, stderr: "" });
  const page = readFileSync(file, "utf8");
  const again = await commandLine(words);
  const withoutSite = await commandLine(["card", path.join(folder, "other.html"), "--counter", "2"]);
  rmSync(folder, { recursive: true });
  expect(page).toContain("短按：请群众评价，20 秒内有效");
  expect(page).toContain("给这位群众 75 秒");
  expect(again.status).toBe(1);
  expect(again.stderr).toContain("exists already");
  // The times of a counter stand in its site file.
  expect(withoutSite).toMatchObject({ status: 1, stderr: expect.stringContaining("--counter 2 needs a site file") });
});

it.each(["card", "init"])("%s refuses a file without a name, and one in a folder that is not there", async (command) => {
  const folder = mkdtempSync(path.join(tmpdir(), "card-"));
  const endings = [];
  for (const file of ["", " ", path.join(folder, "no", "such", "file"), `${path.join(folder, "no")}/`])
    endings.push(await commandLine([command, file], folder));
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  expect(endings.map(({ status }) => status)).toEqual([1, 1, 1, 1]);
  expect(endings.map(({ stderr }) => stderr.split("\n")[0])).toEqual([
    "The file has no name.",
    "The file has no name.",
    `There is no folder ${path.join(folder, "no", "such")}.`,
    `There is no folder ${path.join(folder, "no")}/.`,
  ]);
  expect(left).toEqual([]);
});
