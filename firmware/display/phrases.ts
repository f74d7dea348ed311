// Every phrase on the display, one table a language. They are drawn into the glyph file and stored as text when a terminal is provisioned;
// the firmware itself holds only their ids.

import type { Language } from "../config/config.js";

export type PhraseId =
  | "closed"
  | "nobodyOnDuty"
  | "pleaseWait"
  | "invite1"
  | "invite2"
  | "thanks"
  | "farewell"
  | "paperCard1"
  | "paperCard2"
  | "badgeUnknown"
  | "badgeRole"
  | "badgeAgain"
  | "seeRoster"
  | "configWrong"
  | "callTechnician";

export const PHRASES: Readonly<Record<Language, Readonly<Record<PhraseId, string>>>> = {
  "zh-CN": {
    closed: "暂停服务",
    nobodyOnDuty: "无人在岗",
    pleaseWait: "请稍候",
    invite1: "请对我的服务",
    invite2: "做出评价",
    thanks: "谢谢",
    farewell: "您慢走",
    paperCard1: "请使用",
    paperCard2: "评议卡",
    badgeUnknown: "此卡未登记",
    badgeRole: "此卡不能上岗",
    badgeAgain: "请重新刷卡",
    seeRoster: "请联系管理员",
    configWrong: "配置错误",
    callTechnician: "请联系维护人员",
  },
  "zh-TW": {
    closed: "暫停服務",
    nobodyOnDuty: "無人在崗",
    pleaseWait: "請稍候",
    invite1: "請對我的服務",
    invite2: "做出評價",
    thanks: "謝謝",
    farewell: "您慢走",
    paperCard1: "請使用",
    paperCard2: "評議卡",
    badgeUnknown: "此卡未登記",
    badgeRole: "此卡不能上崗",
    badgeAgain: "請重新刷卡",
    seeRoster: "請聯絡管理員",
    configWrong: "設定錯誤",
    callTechnician: "請聯絡維護人員",
  },
  en: {
    closed: "CLOSED",
    nobodyOnDuty: "Nobody on duty",
    pleaseWait: "Please wait",
    invite1: "Please rate",
    invite2: "my service",
    thanks: "Thanks",
    farewell: "Have a good day",
    paperCard1: "Please use",
    paperCard2: "the paper card",
    badgeUnknown: "Unknown badge",
    badgeRole: "Not a clerk",
    badgeAgain: "Badge again",
    seeRoster: "See your supervisor",
    configWrong: "Wrong config",
    callTechnician: "Call the technician",
  },
};
