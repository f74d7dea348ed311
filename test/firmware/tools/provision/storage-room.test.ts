// How many clerks a counter can have on a Pico, whose Storage holds the firmware, the lock, and everything that is drawn for the clerks.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Board } from "../../../../firmware/boards/board.js";
import { sizeOf } from "../../../../firmware/display/layouts.js";
import { bundleBudgetBytes } from "../../../../firmware/tools/build/budgets.js";
import { currentFirmware, readBoard } from "../../../../firmware/tools/build/build.js";
import { checkFit, InstallError } from "../../../../firmware/tools/build/install-script.js";
import { programBytes } from "../../../../firmware/tools/build/tokens.js";
import { lockFiles } from "../../../../firmware/tools/device/closing.js";
import { filesOf } from "../../../../firmware/tools/device/installation.js";
import { type EmergencyObjection, filesOn, objectionToEmergency } from "../../../../firmware/tools/provision/board-files.js";
import { emergencyCharacters, leastEmergencyCharacters } from "../../../../firmware/tools/provision/emergency-characters.js";
import { configOf, parseSite, storeFiles } from "../../../../firmware/tools/provision/site.js";
import { decodeLine, encodeLine } from "../../../../firmware/uplink/codec.js";
import { nodeEngine } from "../../../../sim/engines/node.js";
import { crc32 } from "../../../../sim/world/native.js";
import { Signer } from "../../../../sim/world/signer.js";
import { SIMULATED_KEY } from "../../../../sim/world/simulated-key.js";
import { World } from "../../../../sim/world/world.js";
import { isBuilt } from "../../../boards.js";
import { sampleOf } from "../../../depth.js";
import { SEVEN_REASONS } from "../../../reasons.js";
import { readGlyphFile } from "./glyph-reader.js";

const PICO = readBoard("pico");
const PICO_SSD1322 = readBoard("test/boards/pico-ssd1322.ts");

const FAMILY_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗";
const GIVEN_NAMES = "小志文建国海丽秀玉桂婷晓春雪明思雨欣怡浩强华军梅兰芳英娟敏静磊洋艳勇杰涛超霞平红";
const POSTS = ["综合受理", "社会保障", "税务登记"];

/** A clerk with a name of three characters, which no other clerk has. */
function clerk(i: number): string {
  const name = [FAMILY_NAMES[i % 20], GIVEN_NAMES[(i * 7) % 40], GIVEN_NAMES[(i * 11 + 20) % 40]].join("");
  return `{ badge: "W26:${(0x1a2b3c + i).toString(16).toUpperCase()}", number: "${1024 + i}", name: ${name}, post: ${POSTS[i % POSTS.length]} }`;
}

/** The site file of a counter in zh-CN with clerks, a supervisor, a maintainer, and every reason of the sample hall. */
function siteWith(clerks: number): string {
  return `
common: { version: 1, language: zh-CN, reasons: [213, 214, 209, 207, 212, 115, 110] }
counters:
  - { device: hall-a-08, counter: "8", neighbours: ["7", "9"] }
people:
${Array.from({ length: clerks }, (_, i) => `  - ${clerk(i)}`).join("\n")}
  - { badge: "W26:0F0F0F", number: "9001", name: 陈敏, post: 首席代表, role: supervisor }
  - { badge: "W26:0E0E0E", number: "9003", name: 李志强, post: 设备维护, role: maintainer }
${SEVEN_REASONS}`;
}

function storeOf(board: Board, clerks: number): ReturnType<typeof storeFiles> {
  const site = parseSite(siteWith(clerks), "hall.yaml");
  return storeFiles({ ...configOf(site.counters[0] ?? {}) }, site, SIMULATED_KEY, sizeOf(board.display.driver));
}

/** Whether everything that is flashed fits the board's Storage. @param firmware what it takes in Storage */
async function fits(board: Board, clerks: number, firmware: Buffer): Promise<boolean> {
  const files = [...filesOf(storeOf(board, clerks), firmware), ...(await lockFiles(board))];
  try {
    checkFit(board, files);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(InstallError);
    return false;
  }
}

describe("What a Storage has left", () => {
  const shownOn = (board: Board, clerks: number) => {
    const site = parseSite(siteWith(clerks), "hall.yaml");
    const fields = { ...configOf(site.counters[0] ?? {}) };
    const objection = (text: string): EmergencyObjection => objectionToEmergency(board, fields, site, text);
    const lacks = (text: string): string => objection(text).characters;
    return { files: filesOn(board, fields, site, SIMULATED_KEY), lacks, objection };
  };

  it.each(sampleOf(["pico", "espruino-wifi", "esp32", "linux"], 2))(
    "holds characters of emergency texts, beside the largest bundle and the lock: %s",
    async (name) => {
      const board = readBoard(name);
      const most = [...emergencyCharacters("zh-CN")].length;
      expect(most).toBeGreaterThan(300);
      let before = most;
      for (const clerks of [0, 1, 4, 8]) {
        const { files, lacks } = shownOn(board, clerks);
        const all = [...filesOf(files, Buffer.alloc(bundleBudgetBytes(board))), ...(await lockFiles(board))];
        expect(() => checkFit(board, all)).not.toThrow();
        const has = most - [...lacks(emergencyCharacters("zh-CN"))].length;
        expect(has).toBeGreaterThanOrEqual(leastEmergencyCharacters("zh-CN"));
        // Each clerk takes some of the room.
        expect(has).toBeLessThanOrEqual(before);
        before = has;
        if (name !== "pico") expect(has).toBeGreaterThan(300);
      }
      if (name === "pico") expect(before).toBe(leastEmergencyCharacters("zh-CN"));
    },
  );

  it("says of each text what the terminal says", () => {
    const texts = [
      "请疏散",
      'a "quoted" text',
      "a\\b",
      "a\tb",
      "a\nb",
      "~{}|^`$*<>[]",
      "Zürich",
      "火".repeat(40),
      "火".repeat(41),
      "x".repeat(84),
      "x".repeat(85),
      "火 警",
    ];
    const { objection, files } = shownOn(PICO, 1);
    for (const text of texts) {
      const world = new World({ board: PICO, engine: nodeEngine, files: { ...files }, isTraced: false });
      const signer = new Signer();
      let answer: unknown;
      world.receiveLine = (line) => {
        const message = decodeLine(line, crc32) ?? {};
        signer.hear(message);
        answer = message.result ?? message.error ?? answer;
      };
      world.powerOn();
      world.advanceTo(2000);
      const command = { id: 1, do: "emergency", text64: Buffer.from(text).toString("base64") };
      world.sendFromHost(encodeLine(signer.message(command), crc32));
      world.advanceTo(4000);
      const { characters, isTooLong } = objection(text);
      expect(characters ? "missingGlyph" : isTooLong ? "tooLong" : "ok", text).toBe(answer);
    }
    expect(objection("请打开“安全”\t出口~").characters).toBe("“”\t~");
  });

  it("decides what a Pico can show: what stands first in the list is there with few clerks", () => {
    const words = "请立即撤离，请到大厅集合。暂停服务";
    expect(shownOn(PICO, 1).lacks(words)).toBe("");
    expect(shownOn(PICO, 12).lacks(words)).toBe("立即到集合暂服务");
    expect(shownOn(PICO, 1).lacks("Fire 火警!")).toBe("");
    expect(shownOn(readBoard("esp32"), 12).lacks("龘火龘")).toBe("龘");
  });
});

const HELD = [
  ["an SSD1306", PICO, 12],
  ["an SSD1322", PICO_SSD1322, 8],
] as const;

describe.each(HELD.filter(([, board]) => isBuilt(board.name)))("A Pico with %s", (display, board, clerks) => {
  it(`holds ${clerks} clerks, a supervisor and a maintainer, with ready pictures of each clerk`, async () => {
    const { code } = await currentFirmware(board.name);
    expect(await fits(board, clerks, programBytes(code))).toBe(true);
    const { roster, glyphs } = storeOf(board, clerks);
    expect(roster.toString("utf8").split("\n").length).toBe(clerks + 2 + 2);
    const reader = readGlyphFile(glyphs as Buffer);
    const hasPicture = (words: string): boolean =>
      [..."abcdefghijklmnopq"].some((room) => reader.has(room + words) && reader.pictureOf(room + words).rows.length > 8);
    const people = parseSite(siteWith(clerks), "hall.yaml").people.slice(0, clerks);
    const wanted = people.flatMap(({ number, name, post }) => [number, name, `${number} ${name}`, post]);
    expect(wanted.filter((words) => !hasPicture(words))).toEqual([]);
  });

  /** What GLYPHS.md says about this display. */
  function cellOf(row: string): string | undefined {
    const page = readFileSync(new URL("../../../../firmware/display/GLYPHS.md", import.meta.url), "utf8");
    const cells = new RegExp(`^\\| ${row} \\| ([\\d ]+) \\| ([\\d ]+) \\|$`, "m").exec(page) ?? [];
    return cells[display === "an SSD1306" ? 1 : 2]?.replace(" ", "");
  }

  it("has a glyph file as long as GLYPHS.md says", () => {
    expect(cellOf("bytes of the file without clerks")).toBe(String(storeOf(board, 0).glyphs?.length));
  });

  it("holds as many clerks beside the largest bundle as GLYPHS.md says", async () => {
    const largest = Buffer.alloc(bundleBudgetBytes(board));
    let most = clerks;
    while (await fits(board, most + 1, largest)) most++;
    expect(await fits(board, most, largest)).toBe(true);
    expect(cellOf("clerks that fit beside the largest bundle")).toBe(String(most));
  });
});
