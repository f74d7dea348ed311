// Draws the clerk's card: what keys and badge do, on one page of A4 to print, in Chinese with English below. Its table is that of clerk-ways.ts.

import type { Config } from "../../config/config.js";
import {
  ANSWERS,
  type Answer,
  answerTo,
  GESTURE_NAMES,
  GESTURES,
  type Gesture,
  GROUPS,
  type Group,
  STATE_NAMES,
  STATES,
  type StateName,
} from "./clerk-ways.js";

/** A sentence of the card. `shows` are the cells of the table that it is true by. */
export interface CardLine {
  readonly group: Group;
  readonly zh: string;
  readonly en: string;
  readonly shows: readonly (readonly [StateName, Gesture, Answer])[];
}

/** The times that the card tells. */
export type CardTimes = Pick<Config, "timeoutMs" | "longTimeoutMs" | "approvalMs">;

/** What a clerk has to know, in the order of the parts. */
export function cardLines({ timeoutMs, longTimeoutMs, approvalMs }: CardTimes): readonly CardLine[] {
  const [wait, long, approval] = [timeoutMs, longTimeoutMs, approvalMs].map((ms) => Math.round(ms / 1000));
  return [
    {
      group: "invite",
      zh: `短按：请群众评价，${wait} 秒内有效`,
      en: `Press: asks the citizen, for ${wait} s`,
      shows: [["idle", "invite", "asks"]],
    },
    {
      group: "invite",
      zh: "群众未按时再按：提醒，只有一次",
      en: "Press again meanwhile: reminds, once only",
      shows: [["asked", "invite", "reminds"]],
    },
    {
      group: "invite",
      zh: `按住 1 秒后松开：给这位群众 ${long} 秒`,
      en: `Hold 1 s, let go: ${long} s for this citizen`,
      shows: [
        ["idle", "inviteLong", "asksLong"],
        ["asked", "inviteLong", "remindsLong"],
      ],
    },
    {
      group: "pause",
      zh: "短按：暂时离开；回来再按：恢复服务",
      en: "Press: away for a moment; again: back",
      shows: [
        ["idle", "pause", "pauses"],
        ["paused", "pause", "ends"],
      ],
    },
    {
      group: "pause",
      zh: "按住：每秒换一个原因，松开即选定",
      en: "Hold: a reason each second; let go to choose",
      shows: [["idle", "pauseLong", "pausesFor"]],
    },
    {
      group: "pause",
      zh: `办件未结或有人等候：首席代表 ${approval} 秒内刷卡批准`,
      en: `While citizens need you: a supervisor's badge within ${approval} s`,
      shows: [
        ["matter", "pause", "asksLeave"],
        ["wish", "supervisor", "approves"],
      ],
    },
    {
      group: "pause",
      zh: "等待批准时再按：撤回申请",
      en: "While that waits: takes it back",
      shows: [["wish", "pause", "takesBack"]],
    },
    {
      group: "pause",
      zh: "显示邻窗通知时：同样暂停；通知看过 10 秒自行消失",
      en: "A neighbour's notice: pauses too; seen for 10 s, it goes by itself",
      shows: [["neighbour", "pause", "pauses"]],
    },
    {
      group: "both",
      zh: "同时按：签退，与刷卡相同",
      en: "Together: signs out, like the badge",
      shows: [["idle", "both", "signsOut"]],
    },
    {
      group: "badge",
      zh: "上岗刷卡：签到；下班再刷：签退",
      en: "Come: signs in; go: signs out",
      shows: [
        ["nobody", "badge", "signsIn"],
        ["idle", "badge", "signsOut"],
      ],
    },
    {
      group: "badge",
      zh: "暂停中刷卡：恢复服务",
      en: "In a pause: you are back",
      shows: [["paused", "badge", "ends"]],
    },
    {
      group: "badge",
      zh: "接班：直接刷自己的卡，前一位自动签退",
      en: "Take over: your badge alone; the other is signed out",
      shows: [["idle", "otherBadge", "takesOver"]],
    },
    {
      group: "badge",
      zh: "办件未结或有人等候：签退须首席代表批准",
      en: "While citizens need you, a supervisor approves that you go",
      shows: [["matter", "badge", "asksToGo"]],
    },
  ];
}

/** How a cell looks: what is in vain is grey, and what needs somebody else is bold. */
function classOf(answer: Answer): string {
  if (answer === "refuses" || answer === "silent" || answer === "nothingAsked") return "vain";
  return ANSWERS[answer].zh.includes("批准") || answer.startsWith("asksLeave") ? "leave" : "";
}

const both = (zh: string, en: string): string => `${zh}<small>${en}</small>`;

/** The table: neighbouring gestures with the same answer share a cell. */
function tableOf(): string {
  const groups = Object.entries(GROUPS).map(([group, { zh, en }]) => {
    const count = GESTURE_NAMES.filter((name) => GESTURES[name].group === group).length;
    return `<th colspan="${count}">${both(zh, en)}</th>`;
  });
  const gestures = GESTURE_NAMES.map((name) => `<th>${both(GESTURES[name].zh, GESTURES[name].en)}</th>`);
  const rows = STATE_NAMES.map((state) => `<tr><th>${both(STATES[state].zh, STATES[state].en)}</th>${cellsOf(state)}</tr>`);
  return `<table>
<thead><tr><th rowspan="2">${both("评价器的状态", "state of the terminal")}</th>${groups.join("")}</tr>
<tr>${gestures.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>`;
}

function cellsOf(state: StateName): string {
  let cells = "";
  for (let at = 0; at < GESTURE_NAMES.length; ) {
    const first = GESTURE_NAMES[at] as Gesture;
    const answer = answerTo(state, first);
    let count = 1;
    // A cell never crosses from one part to the next.
    for (let name = GESTURE_NAMES[at + 1]; name && isSame(state, first, name); name = GESTURE_NAMES[at + count]) count++;
    cells += `<td colspan="${count}" class="${classOf(answer)}">${both(ANSWERS[answer].zh, ANSWERS[answer].en)}</td>`;
    at += count;
  }
  return cells;
}

function isSame(state: StateName, first: Gesture, other: Gesture): boolean {
  return GESTURES[first].group === GESTURES[other].group && answerTo(state, first) === answerTo(state, other);
}

const STYLE = `
@page { size: A4 landscape; margin: 6mm 8mm }
* { box-sizing: border-box }
html { font: 9.5pt/1.3 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "Heiti SC", sans-serif; color: #000; background: #fff }
body { width: 281mm; margin: 0 auto }
header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: .6mm solid #000; padding-bottom: 1mm }
h1 { font-size: 16pt; margin: 0 }
h2 { font-size: 11.5pt; margin: 0 0 .8mm }
small { display: block; font-size: 6.6pt; line-height: 1.2; color: #444; font-weight: 400 }
h1 small, h2 small { display: inline; font-size: 9pt; margin-left: 2mm }
.parts { display: grid; grid-template-columns: 1.05fr 1.45fr .7fr 1.2fr; gap: 5mm; margin: 2mm 0 2.5mm }
ul { list-style: none; margin: 0; padding: 0 }
li { margin-bottom: .8mm }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { border: .2mm solid #888; padding: .4mm .8mm; text-align: center; font-size: 8.5pt; line-height: 1.1 }
thead th { background: #eee; -webkit-print-color-adjust: exact; print-color-adjust: exact }
th:first-child { width: 36mm; text-align: left }
thead tr + tr th:first-child { width: auto; text-align: center }
td.vain, td.vain small { color: #767676 }
td.leave { font-weight: 700 }
footer { margin-top: 2mm; display: flex; gap: 6mm; font-size: 8.5pt }
`;

/** The card as a page of HTML, which a browser prints. @param times of the counter */
export function drawClerkCard(times: CardTimes): string {
  const lines = cardLines(times);
  const parts = Object.entries(GROUPS).map(([group, { zh, en }]) => {
    const items = lines.filter((line) => line.group === group).map((line) => `<li>${both(line.zh, line.en)}</li>`);
    return `<section><h2>${both(zh, en)}</h2><ul>${items.join("")}</ul></section>`;
  });
  return `<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>窗口评价器 工作人员操作卡</title><style>${STYLE}</style></head>
<body>
<header><h1>${both("窗口评价器 · 工作人员操作卡", "Evaluation terminal: the clerk's card")}</h1></header>
<div class="parts">${parts.join("")}</div>
${tableOf()}
<footer>
<div>${both("低音一声：现在不行，原因看显示屏", "low note: not now; the display says why")}</div>
<div>${both("短促一声：收到", "click: heard")}</div>
<div>${both("红灯亮：现在不能办理", "red light: citizens cannot be served")}</div>
<div>${both("办件未结或有人等候时，空闲、致谢、选原因各行也须批准", "while citizens need you, the rows idle, thanks and reason need approval as well")}</div>
<div>${both("群众按了哪个键，这里不显示", "which key a citizen pressed is never shown")}</div>
</footer>
</body>
</html>
`;
}
