// A terminal reports at every start which configuration it has, or that it has none.

import { describe, expect, it } from "vitest";
import { board } from "../../firmware/boards/pico.js";
import { readFlashImage } from "../../firmware/tools/ledger/ledger-reader.js";
import { nodeEngine } from "../../sim/engines/node.js";
import { contentsOf } from "../../sim/scenario/files.js";
import { loadScenario, runScenario } from "../../sim/scenario/scenario.js";
import { World } from "../../sim/world/world.js";

function filesOf(version: number): Readonly<Record<string, Buffer>> {
  return contentsOf({ version, device: "a", counter: "8", author: `author${version}` }, { people: [], reasons: [] });
}

/** The records of these starts. 0 stands for a start without a configuration. */
function recordsOf(...versions: readonly number[]): unknown[] {
  const files: Record<string, Buffer> = { ...filesOf(1) };
  const world = new World({ board, engine: nodeEngine, files });
  for (const version of versions) {
    if (version) files.config = filesOf(version).config as Buffer;
    else delete files.config;
    world.powerOn();
    world.advanceTo(world.clock.nowMs + 1000);
    world.powerOff();
  }
  return readFlashImage(world.flash.bytes, board.flash).records.flatMap((record): unknown[] => {
    return record.type === "started" ? [`started ${record.configuration} ${record.author}`] : [];
  });
}

describe("At its start a terminal tells", () => {
  it("the version of its configuration", () => {
    expect(recordsOf(1, 1)).toEqual(["started 1 author1", "started 1 author1"]);
  });

  it("that it is another than at the last start, and who wrote it", () => {
    expect(recordsOf(7, 9)).toEqual(["started 7 author7", "started 9 author9"]);
  });

  it("that it has none", () => {
    expect(recordsOf(7, 0, 7)).toEqual(["started 7 author7", "started 0 -", "started 7 author7"]);
  });
});

describe("At a start it finds", () => {
  it("ids that have had their outcome, however much is rated before the host says a word", () => {
    const local = ["key: invite", "wait: 1 s", "key: satisfied", "wait: 5 s"];
    const rated = 'host: { invite: "T-1" }';
    const steps = [
      "badge: 王小明",
      "wait: 1 s",
      rated,
      "wait: 1 s",
      "key: satisfied",
      "wait: 5 s",
      "power: cycle",
      "wait: 1 s",
      ...Array.from({ length: 30 }, () => local).flat(),
      rated,
      "wait: 1 s",
      "expect: { sent: [{ error: finished }] }",
    ];
    const text = `title: Ids\nproves: E2\nsteps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
    expect(runScenario(loadScenario(text, "test.yaml"), nodeEngine).failures).toEqual([]);
  });
});
