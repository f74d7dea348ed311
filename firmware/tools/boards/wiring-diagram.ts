// Draws the wiring of a board from its board file alone, so that the picture cannot disagree with the firmware. Each wire is a straight line, because the pins stand in
// the order of the parts.

import type { Board } from "../../boards/board.js";
import { ledgerPlace, wiredPins } from "./board-limits.js";

const ROW = 26;
const MARGIN = 20;
const GAP = 14;
const HEAD = 84;
const BOARD_X = 40;
const BOARD_WIDTH = 130;
const PART_X = 400;
const PART_WIDTH = 420;
const NOTE_ROW = 19;
const WIDTH = PART_X + PART_WIDTH + MARGIN;

/** Title, note and supply wires of a part, by the name of its field in the board file. A part that is not listed here is drawn with the name of its field. */
const PARTS: Readonly<Record<string, { readonly title: string; readonly note: string; readonly more: readonly string[] }>> = {
  keys: { title: "Keys 按键", note: "contacts that close to ground 触点接地", more: ["GND"] },
  pauseLamp: { title: "Pause light, red 暂停服务灯", note: "through a transistor 经三极管", more: ["GND"] },
  answerLamp: { title: "Answer light, white 应答灯", note: "LED with resistor, or transistor 经电阻或三极管", more: ["GND"] },
  ringLamps: { title: "Key rings 按键灯圈", note: "all on one pin, through a transistor 共用一脚，经三极管", more: ["GND"] },
  signLamp: { title: "Second light of the pause sign 暂停牌第二灯", note: "through a transistor 经三极管", more: ["GND"] },
  sound: { title: "Buzzer 蜂鸣器", note: "piezo 压电式", more: ["GND"] },
  display: { title: "Display 显示屏", note: "module with its own pull-ups 模块自带上拉电阻", more: ["3.3 V", "GND"] },
  badgeReader: { title: "Badge reader 读卡器", note: "5 V readers through a level shifter 5 V 读卡器须经电平转换", more: ["supply", "GND"] },
  flash: {
    title: "Memory of the ledger 账本存储器",
    note: "10 kOhm from CS to 3.3 V; WP, HOLD to 3.3 V  CS 经 10 kΩ 接 3.3 V",
    more: ["3.3 V", "GND"],
  },
  clock: {
    title: "Clock chip 时钟芯片",
    note: "with its battery; may share the display's wires 带电池，可与显示屏共线",
    more: ["3.3 V", "GND"],
  },
  link: { title: "Link to the host 上位机", note: "3.3 V transceiver, RS-232 or RS-485 收发器", more: ["3.3 V", "GND"] },
};

/** The same for parts that differ by their driver or their board: by field and driver, or by field and `process.env.BOARD`. */
const OTHER_PARTS: typeof PARTS = {
  "keys matrix": { title: "Keys 按键矩阵", note: "a contact at each crossing of a row and a column 行列交叉处各一触点", more: [] },
  "sound mp3": { title: "Voice module 语音模块", note: "MP3 module, with a card; 1 kOhm in its RX 带存储卡，RX 串 1 kOhm", more: ["5 V", "GND"] },
  "badgeReader mfrc522": { title: "Card reader 读卡器", note: "13.56 MHz; RST to 3.3 V, RST 接 3.3 V", more: ["3.3 V", "GND"] },
  "link network": {
    title: "Link to the host 上位机",
    note: "a cable, where there is no network 无网络时用电缆: 3.3 V transceiver 收发器",
    more: ["3.3 V", "GND"],
  },
  "keys LINUX": { title: "Keys 按键", note: "contacts to ground, 10 kOhm each to 3.3 V 触点接地，各接 10 kΩ 上拉", more: ["3.3 V", "GND"] },
  "badgeReader serial": { title: "Badge reader 读卡器", note: "125 kHz; its TX through a level shifter, TX 经电平转换", more: ["5 V", "GND"] },
};

const TO_TRANSCEIVER = "to the transceiver's TXD input 接收发器 TXD";
const FROM_TRANSCEIVER = "from the transceiver's RXD output 接收发器 RXD";

/** Names of wires. */
const WIRES: Readonly<Record<string, string>> = {
  "pauseLamp.pin": "signal 信号",
  "answerLamp.pin": "signal 信号",
  "sound.pin": "signal 信号",
  "keys.key1": "1 leftmost 最左",
  "keys.key2": "2",
  "keys.key3": "3",
  "keys.key4": "4",
  "keys.key5": "5 rightmost 最右",
  "keys.invite": "invite 请评价",
  "keys.pause": "pause 暂停",
  "badgeReader.data0": "D0 (green 绿)",
  "badgeReader.data1": "D1 (white 白)",
  "ringLamps.pin": "signal 信号",
  "signLamp.pin": "signal 信号",
  "display.mosi": "DIN, SDA or D1",
  "display.dc": "D/C or A0",
  "display.reset": "RES or RST",
  "sound.tx": "to the module's RX 接模块 RX",
  "sound.rx": "from the module's TX 接模块 TX",
  "badgeReader.tx": "not connected 不接",
  "badgeReader.rx": "from the reader's TX 接读卡器 TX",
  "badgeReader.cs": "SDA or NSS",
  "flash.sck": "CLK or SCK",
  "flash.mosi": "DI or SI",
  "flash.miso": "DO or SO",
  "link.tx": TO_TRANSCEIVER,
  "link.rx": FROM_TRANSCEIVER,
  "link.cable.tx": TO_TRANSCEIVER,
  "link.cable.rx": FROM_TRANSCEIVER,
};

const COLOURS = ["#c0392b", "#d35400", "#b7950b", "#1e8449", "#2471a3", "#7d3c98", "#515a5a"];

/** A text with the signs of SVG escaped. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function textAt(x: number, y: number, text: string, style: string): string {
  return `<text x="${x}" y="${y}" ${style}>${escaped(text)}</text>`;
}

/** The label at the part's end of a wire. @param use where the board file wires it @param name the field of the part in the board file */
function endOf({ keys }: Board, use: string, name: string): string {
  const place = /^keys\.(rows|columns)\.(\d+)$/.exec(use);
  if (!place || keys.driver !== "matrix")
    return (
      WIRES[use] ??
      use
        .slice(name.length + 1)
        .replaceAll(".", " ")
        .toUpperCase()
    );
  const number = Number(place[2]);
  const contacts = place[1] === "rows" ? keys.places[number] : keys.places.map((row) => row[number]);
  const diodes = place[1] === "rows" && keys.hasDiodes ? ", cathodes of its diodes 二极管负极" : "";
  const line = place[1] === "rows" ? "row 行" : "column 列";
  return `${line} ${number + 1}: ${(contacts ?? []).filter(Boolean).join(" ")}${diodes}`;
}

/** What has to be known of a ledger outside the specification of its chip. */
function ledgerNotes(board: Board): string[] {
  const { words, unspecified } = ledgerPlace(board);
  if (!unspecified) return [];
  return [
    "Ledger outside the chip's specification 账本不在芯片规格之内",
    `It is ${words}.`,
    `${unspecified[0]?.toUpperCase()}${unspecified.slice(1)}.`,
    ...(board.espruinoName === "PICO_R1_3"
      ? [
          "Recommended: a W25Q64JV (about 1 USD) on B3 CLK, B5 DI, B4 DO, B13 CS; wire the board as pico-w25q.svg shows.",
          "建议外接 W25Q64JV 存储器（约 6 元）：B3 CLK、B5 DI、B4 DO、B13 CS，按 pico-w25q.svg 接线。",
        ]
      : ["Recommended: a memory on SPI. 建议外接 SPI 存储器。"]),
  ];
}

/** The picture, as SVG. */
export function drawWiring(board: Board): string {
  const pins = wiredPins(board);
  const names = [...new Set(pins.map(({ use }) => use.split(".")[0] as string))];
  const drawn: string[] = [];
  let y = HEAD;
  for (const name of names) {
    const wires = pins.filter(({ use }) => use.split(".")[0] === name);
    const driver = (board as unknown as Readonly<Record<string, { driver?: string } | undefined>>)[name]?.driver;
    const { title, note, more } = OTHER_PARTS[`${name} ${driver}`] ??
      OTHER_PARTS[`${name} ${board.espruinoName}`] ??
      PARTS[name] ?? { title: name, note: "", more: [] };
    const height = ROW * (wires.length + more.length + 1) + 10;
    drawn.push(`<rect x="${PART_X}" y="${y}" width="${PART_WIDTH}" height="${height}" rx="6" fill="#fff" stroke="#34495e"/>`);
    drawn.push(textAt(PART_X + 12, y + 20, `${title}${driver ? ` (${driver})` : ""}`, 'font-weight="bold"'));
    drawn.push(textAt(PART_X + PART_WIDTH - 12, y + height - 10, note, 'font-size="11" fill="#566573" text-anchor="end"'));
    let row = y + ROW + 12;
    for (const { use, pin } of wires) {
      const colour = COLOURS[drawn.length % COLOURS.length];
      drawn.push(`<line x1="${BOARD_X + BOARD_WIDTH}" y1="${row}" x2="${PART_X}" y2="${row}" stroke="${colour}" stroke-width="3"/>`);
      drawn.push(textAt(BOARD_X + BOARD_WIDTH - 10, row + 5, pin, 'font-weight="bold" text-anchor="end"'));
      drawn.push(textAt(PART_X + 12, row + 5, endOf(board, use, name), ""));
      row += ROW;
    }
    for (const rail of more) {
      const isGround = rail === "GND";
      drawn.push(
        `<line x1="${PART_X - 46}" y1="${row}" x2="${PART_X}" y2="${row}" stroke="${isGround ? "#17202a" : "#e74c3c"}" stroke-width="3" stroke-dasharray="6 3"/>`,
      );
      drawn.push(textAt(PART_X - 52, row + 5, rail, 'text-anchor="end" font-size="12"'));
      row += ROW;
    }
    y += height + GAP;
  }
  const bottom = y - GAP;
  const notes = ledgerNotes(board);
  const noteHeight = notes.length > 0 ? NOTE_ROW * notes.length + NOTE_ROW : 0;
  const end = bottom + MARGIN + noteHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${end}" width="${WIDTH}" height="${end}" font-family="'Noto Sans CJK SC','Microsoft YaHei',sans-serif" font-size="14">`,
    `<title>Wiring of ${board.name}</title>`,
    `<rect width="100%" height="100%" fill="#f4f6f7"/>`,
    textAt(MARGIN, 34, `${board.name} (${board.espruinoName}) wiring 接线图`, 'font-size="20" font-weight="bold"'),
    textAt(
      MARGIN,
      58,
      "drawn from the board's file: dashed wires are supply and ground  按板文件生成，虚线为电源和地",
      'font-size="12" fill="#566573"',
    ),
    `<rect x="${BOARD_X}" y="${HEAD}" width="${BOARD_WIDTH}" height="${bottom - HEAD}" rx="6" fill="#d5e8d4" stroke="#1d5b2a" stroke-width="2"/>`,
    textAt(BOARD_X + 12, HEAD + 22, board.name, 'font-weight="bold"'),
    ...(board.espruinoName === "LINUX" ? [textAt(BOARD_X + 12, HEAD + 38, "BCM 编号", 'font-size="11"')] : []),
    ...drawn,
    ...(notes.length > 0
      ? [
          `<rect x="${BOARD_X}" y="${bottom + GAP}" width="${WIDTH - BOARD_X - MARGIN}" height="${noteHeight}" rx="6" fill="#fdebd0" stroke="#ca6f1e"/>`,
        ]
      : []),
    ...notes.map((note, i) => textAt(BOARD_X + 12, bottom + GAP + 19 + NOTE_ROW * i, note, `font-size="12"${i === 0 ? ' font-weight="bold"' : ""}`)),
    "</svg>\n",
  ].join("\n");
}
