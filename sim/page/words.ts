// The page's words for what the terminal records, plays and reads.

import type { LedgerRecord } from "../../firmware/tools/ledger/ledger-reader.js";
import type { Person } from "../../firmware/tools/provision/site.js";
import type { Cue } from "../../hal/sound.js";
import type { BADGE_TEXTS } from "../world/badges.js";

/** The badges that each kind of reader reads. */
export const READS: Readonly<Record<keyof typeof BADGE_TEXTS, string>> = { wiegand: "Wiegand", serial: "125 kHz", mfrc522: "13.56 MHz" };

/** The words of each cue's clip, or in parentheses a description of its sound. */
export const CLIP_WORDS: Readonly<Record<Cue, string>> = {
  welcome: "您好",
  waited: "让您久等了",
  invite: "请对我的服务做出评价",
  press: "(click)",
  thanks: "谢谢，您慢走",
  apology: "对不起，请稍候",
  signIn: "(sign-in)",
  signOut: "(sign-out)",
  refused: "(refused)",
};

const GRADES: readonly string[] = ["", "非常不满意", "不满意", "基本满意", "满意", "非常满意"];

/** Sessions that ended without a grade. */
const NO_GRADE = {
  timeout: ["未评价", "not rated: time-out"],
  cancelled: ["取消", "cancelled"],
  staffLeft: ["未评价", "not rated: staff left"],
} as const;

export interface RecordWords {
  readonly chinese: string;
  readonly english: string;
  readonly detail: string;
}

/** The words for a record. @param people whose names it may show beside their staff numbers */
export function wordsOf(record: LedgerRecord, people: readonly Person[]): RecordWords {
  const say = (chinese: string, english: string, ...details: string[]): RecordWords => {
    return { chinese, english, detail: details.filter((part) => part !== "").join(" · ") };
  };
  const who = (number: string): string => {
    const name = people.find((person) => person.number === number)?.name;
    return name ? `${number} ${name}` : number;
  };
  switch (record.type) {
    case "started":
      return say(
        "启动",
        "started",
        `firmware ${record.firmware}`,
        record.configuration ? `configuration ${record.configuration}` : "no configuration that holds",
      );
    case "signIn":
      return say("签到", "sign-in", who(record.staff), record.punctuality && `${record.punctuality}, ${record.minutes} min after the opening`);
    case "arrival":
      return say("到岗", "arrival", who(record.staff), `${record.punctuality}, ${record.minutes} min after the opening`);
    case "signOut":
      return say("签退", "sign-out", who(record.staff), record.relievedBy && `relieved by ${who(record.relievedBy)}`, record.why);
    case "session": {
      const matter = [who(record.staff), record.transaction];
      if (record.outcome === "pending") return say("评价中", "asked, outcome follows", ...matter);
      const [chinese, english] = record.outcome === "rated" ? [GRADES[record.grade] ?? "", `rated ${record.grade}`] : NO_GRADE[record.outcome];
      return say(chinese, english, ...matter, `after ${(record.elapsedMs / 1000).toFixed(1)} s`, record.suspect & 128 ? "with the long time" : "");
    }
    case "pauseBegan":
      return say("暂停", `pause began: ${record.reason}`, who(record.staff), record.approvedBy && `approved by ${who(record.approvedBy)}`);
    case "pauseEnded":
      return say("恢复", "pause ended", who(record.staff), `lasted ${record.seconds} s`);
    case "notInvited":
      return say("漏邀", "not invited", who(record.staff), record.transaction, record.present && `then on duty: ${who(record.present)}`);
    case "ended":
      return say("办结", "matter ended", who(record.staff), record.transaction, record.present && `then on duty: ${who(record.present)}`);
    case "referred":
      return say(
        "引导",
        `sent to counter ${record.to}`,
        who(record.staff),
        record.transaction,
        record.present && `then on duty: ${who(record.present)}`,
      );
    case "reason":
      return say("原因", `reason ${record.code}`, who(record.staff), record.transaction);
    case "attended":
      return say("补救", `supervisor came after rating ${record.record}`, who(record.supervisor));
    case "approved":
      return say("批准", `approved: ${record.what} ${record.reason}`, who(record.supervisor));
    case "notApproved":
      return say("未批准", `not approved: ${record.what} ${record.reason}`, who(record.staff));
    case "alert":
      return say("警报", `alert: ${record.alert}`, record.detail);
    case "card":
      return say("评议卡", `paper card ${record.grade}`, who(record.staff), record.transaction, `by ${who(record.supervisor)}`);
    case "voided":
      return say("作废", `record ${record.record} is void`, `by ${who(record.supervisor)}`, record.reason);
    case "selfTest":
      return say("自检", `self-test: ${record.result}`, `presses ${record.presses}`);
    case "state":
      return say("状态", "state", record.staff || "nobody on duty", record.pause && `pause: ${record.pause}`);
    case "totals":
      return say("统计", "totals", record.row);
    case "refused":
      return say("拒绝指令", `commands refused: ${record.error}`, `${record.count}`);
    case "switched":
      return say("更新", `new ${record.file}`, `generation ${record.generation}`);
    case "emergency":
      return say("紧急", record.textCrc ? "emergency text" : "emergency over");
    case "opened":
      return say("开始", "matter opened", who(record.staff), record.transaction, record.long ? "with the long time" : "");
    case "badgeRefused":
      return say("拒绝", "badge refused", record.badge, record.reason);
    case "faultBegan":
      return say("故障", "fault began", record.fault, record.detail);
    case "faultEnded":
      return say("排除", "fault ended", record.fault);
    case "timeSet":
      return say(
        "对时",
        "time set",
        record.beforeSeconds ? `moved by ${record.afterSeconds - record.beforeSeconds} s` : "unknown before",
        record.source,
      );
    case "unknown":
      return say("记录", `record of type ${record.typeNumber}`, JSON.stringify(record.values));
  }
}
