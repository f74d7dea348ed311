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
  | "callTechnician"
  | "preparing"
  | "opensAt"
  | "lunch"
  | "offHours"
  | "goTo"
  | "away"
  | "emergency"
  | "selfTest"
  | "pressEach"
  | "approvalNeeded"
  | "presentBadge"
  | "notApproved"
  | "nothingAsked"
  | "pauseReason"
  | "letGo"
  | "signOut"
  | "pause_brief"
  | "pause_restroom"
  | "pause_phone"
  | "pause_meeting"
  | "pause_cashUp"
  | "pause_fault"
  | "pause_lunch"
  | "neighbourPaused"
  | "neighbourBack"
  | "acknowledge"
  | "linkLost"
  | "party"
  | "rated"
  | "more"
  | "badgeRevoked"
  | "badgeNotYet"
  | "badgeExpired"
  | "badgeCounter";

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
    preparing: "准备中",
    opensAt: "#开始服务",
    lunch: "午休",
    offHours: "已下班",
    goTo: "请到#号窗口",
    away: "暂时离开",
    emergency: "紧急通知",
    selfTest: "按键自检",
    pressEach: "请按每个键",
    approvalNeeded: "需要批准",
    presentBadge: "请首席代表刷卡",
    notApproved: "未获批准",
    nothingAsked: "无待批事项",
    pauseReason: "暂停原因",
    letGo: "松开即选定",
    signOut: "签退",
    pause_brief: "短暂离开",
    pause_restroom: "洗手间",
    pause_phone: "接电话",
    pause_meeting: "开会",
    pause_cashUp: "结账",
    pause_fault: "设备故障",
    pause_lunch: "午餐",
    neighbourPaused: "#号窗口暂停",
    neighbourBack: "#号窗口恢复",
    acknowledge: "按暂停键确认",
    linkLost: "网络中断,服务照常",
    party: "党员 #",
    rated: "该事项已评价",
    more: "# 更多",
    badgeRevoked: "此卡已注销",
    badgeNotYet: "此卡未生效",
    badgeExpired: "此卡已过期",
    badgeCounter: "非本窗口人员",
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
    preparing: "準備中",
    opensAt: "#開始服務",
    lunch: "午休",
    offHours: "已下班",
    goTo: "請到#號窗口",
    away: "暫時離開",
    emergency: "緊急通知",
    selfTest: "按鍵自檢",
    pressEach: "請按每個鍵",
    approvalNeeded: "需要批准",
    presentBadge: "請首席代表刷卡",
    notApproved: "未獲批准",
    nothingAsked: "無待批事項",
    pauseReason: "暫停原因",
    letGo: "鬆開即選定",
    signOut: "簽退",
    pause_brief: "短暫離開",
    pause_restroom: "洗手間",
    pause_phone: "接電話",
    pause_meeting: "開會",
    pause_cashUp: "結賬",
    pause_fault: "設備故障",
    pause_lunch: "午餐",
    neighbourPaused: "#號窗口暫停",
    neighbourBack: "#號窗口恢復",
    acknowledge: "按暫停鍵確認",
    linkLost: "網路中斷,服務照常",
    party: "黨員 #",
    rated: "該事項已評價",
    more: "# 更多",
    badgeRevoked: "此卡已註銷",
    badgeNotYet: "此卡未生效",
    badgeExpired: "此卡已過期",
    badgeCounter: "非本窗口人員",
  },
  en: {
    closed: "PAUSED",
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
    preparing: "SOON",
    opensAt: "Opens at #",
    lunch: "Lunch",
    offHours: "Off duty",
    goTo: "Go to no. #",
    away: "AWAY",
    emergency: "Emergency",
    selfTest: "Key test",
    pressEach: "Press each key",
    approvalNeeded: "Approval needed",
    presentBadge: "Supervisor badge",
    notApproved: "Not approved",
    nothingAsked: "Nothing to do",
    pauseReason: "Pause for",
    letGo: "Let go to choose",
    signOut: "sign-out",
    pause_brief: "a moment",
    pause_restroom: "restroom",
    pause_phone: "phone",
    pause_meeting: "meeting",
    pause_cashUp: "cashing up",
    pause_fault: "a fault",
    pause_lunch: "lunch",
    neighbourPaused: "No. # paused",
    neighbourBack: "No. # is back",
    acknowledge: "Press pause: seen",
    linkLost: "No network",
    party: "Party #",
    rated: "Already rated",
    more: "# more",
    badgeRevoked: "Badge revoked",
    badgeNotYet: "Not valid yet",
    badgeExpired: "Badge expired",
    badgeCounter: "Other counter",
  },
};

/** Phrases that stand in small lines; all others, and `approvalNeeded` too, stand in medium or large ones. */
export const SMALL_PHRASES: readonly PhraseId[] = [
  "seeRoster",
  "callTechnician",
  "pressEach",
  "approvalNeeded",
  "presentBadge",
  "letGo",
  "signOut",
  "pause_brief",
  "pause_restroom",
  "pause_phone",
  "pause_meeting",
  "pause_cashUp",
  "pause_fault",
  "pause_lunch",
  "acknowledge",
  "linkLost",
  "party",
  "more",
];
