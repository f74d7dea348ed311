// Every phrase on the display, in one table for each language. The technician's tool draws them when a terminal is provisioned. The firmware itself contains only
// their ids.

import type { Language } from "../config/config.js";
import type { LayoutName } from "./view.js";

export type PhraseId =
  | "closed"
  | "nobodyOnDuty"
  | "pleaseWait"
  | "welcome"
  | "waited"
  | "invite"
  | "thanks"
  | "farewell"
  | "paperCard"
  | "badgeUnknown"
  | "badgeRole"
  | "badgeAgain"
  | "seeRoster"
  | "configWrong"
  | "callTechnician"
  | "preparing"
  | "opensAt"
  | "opensOn"
  | "complaint"
  | "leader"
  | "lunch"
  | "offHours"
  | "endOfDay"
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
  | "neighbour"
  | "neighbour_paused"
  | "neighbour_open"
  | "neighbour_unattended"
  | "neighbour_closed"
  | "linkLost"
  | "party"
  | "rated"
  | "chooseReason"
  | "moreOrNone"
  | "none"
  | "afterInvite"
  | "badgeRevoked"
  | "badgeNotYet"
  | "badgeExpired"
  | "badgeCounter";

/** A phrase may be broken into two lines at a `|`. The view replaces a `#` by a time, a counter, the number of a key, or a post. */
export const PHRASES: Readonly<Record<Language, Readonly<Record<PhraseId, string>>>> = {
  "zh-CN": {
    closed: "暂停服务",
    nobodyOnDuty: "无人在岗",
    pleaseWait: "请稍候",
    welcome: "您好",
    waited: "让您久等了",
    invite: "请对我的服务|做出评价",
    thanks: "谢谢",
    farewell: "您慢走",
    paperCard: "请使用|评议卡",
    badgeUnknown: "此卡未登记",
    badgeRole: "无上岗权限",
    badgeAgain: "请重新刷卡",
    seeRoster: "请联系管理员",
    configWrong: "配置错误",
    callTechnician: "请联系维护人员",
    preparing: "准备中",
    opensAt: "#开始服务",
    opensOn: "#恢复",
    complaint: "投诉 12345",
    leader: "首席代表 #",
    lunch: "午休",
    offHours: "已下班",
    endOfDay: "今日不再受理",
    goTo: "请到#号窗口",
    away: "暂时离开",
    emergency: "紧急通知",
    selfTest: "按键自检",
    pressEach: "请逐个按键",
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
    neighbour: "邻窗",
    neighbour_paused: "#号窗口暂停",
    neighbour_open: "#号窗口恢复",
    neighbour_unattended: "#号窗口无人",
    neighbour_closed: "#号窗口下班",
    linkLost: "网络中断，服务照常",
    party: "党员 #",
    rated: "此事已评价",
    chooseReason: "请选择原因，可不选",
    moreOrNone: "# 更多，末键不选",
    none: "# 不选",
    afterInvite: "请在邀请后|评价",
    badgeRevoked: "此卡已注销",
    badgeNotYet: "此卡未生效",
    badgeExpired: "此卡已过期",
    badgeCounter: "不属本窗口",
  },
  "zh-TW": {
    closed: "暫停服務",
    nobodyOnDuty: "無人值班",
    pleaseWait: "請稍候",
    welcome: "您好",
    waited: "讓您久等了",
    invite: "請對我的服務|做出評價",
    thanks: "謝謝",
    farewell: "您慢走",
    paperCard: "請使用|評議卡",
    badgeUnknown: "此卡未登記",
    badgeRole: "無簽到權限",
    badgeAgain: "請重新刷卡",
    seeRoster: "請聯絡管理員",
    configWrong: "設定錯誤",
    callTechnician: "請聯絡維修人員",
    preparing: "準備中",
    opensAt: "#開始服務",
    opensOn: "#恢復服務",
    complaint: "申訴 1999",
    leader: "主管 #",
    lunch: "午休",
    offHours: "已下班",
    endOfDay: "今日不再受理",
    goTo: "請至#號櫃台",
    away: "暫時離開",
    emergency: "緊急通知",
    selfTest: "按鍵測試",
    pressEach: "請逐一按鍵",
    approvalNeeded: "需要核准",
    presentBadge: "請主管刷卡",
    notApproved: "未獲核准",
    nothingAsked: "無待核事項",
    pauseReason: "暫停原因",
    letGo: "放開即選定",
    signOut: "簽退",
    pause_brief: "短暫離開",
    pause_restroom: "洗手間",
    pause_phone: "接聽電話",
    pause_meeting: "開會",
    pause_cashUp: "結帳",
    pause_fault: "設備故障",
    pause_lunch: "午餐",
    neighbour: "相鄰櫃台",
    neighbour_paused: "#號櫃台暫停",
    neighbour_open: "#號櫃台恢復",
    neighbour_unattended: "#號櫃台無人",
    neighbour_closed: "#號櫃台下班",
    linkLost: "網路中斷，服務照常",
    party: "黨員 #",
    rated: "本案已評價",
    chooseReason: "請選擇原因，可不選",
    moreOrNone: "# 更多，末鍵不選",
    none: "# 不選",
    afterInvite: "請於邀請後|評價",
    badgeRevoked: "此卡已註銷",
    badgeNotYet: "此卡未生效",
    badgeExpired: "此卡已過期",
    badgeCounter: "不屬本櫃台",
  },
  en: {
    closed: "PAUSED",
    nobodyOnDuty: "Nobody on duty",
    pleaseWait: "Please wait",
    welcome: "Hello",
    waited: "Sorry for|the wait",
    invite: "Please rate|my service",
    thanks: "Thanks",
    farewell: "Have a good day",
    paperCard: "Please use|the paper card",
    badgeUnknown: "Unknown badge",
    badgeRole: "Not a clerk",
    badgeAgain: "Badge again",
    seeRoster: "See your supervisor",
    configWrong: "Setup error",
    callTechnician: "Call the technician",
    preparing: "Not open",
    opensAt: "Opens at #",
    opensOn: "Opens #",
    complaint: "Complaints: 12345",
    leader: "In charge: #",
    lunch: "Lunch|break",
    offHours: "Closed",
    endOfDay: "for today",
    goTo: "See counter #",
    away: "Back soon",
    emergency: "Emergency",
    selfTest: "Key test",
    pressEach: "Press each key",
    approvalNeeded: "Approval|needed",
    presentBadge: "Supervisor badge",
    notApproved: "Not approved",
    nothingAsked: "Nothing|to approve",
    pauseReason: "Reason",
    letGo: "Let go to choose",
    signOut: "Sign out",
    pause_brief: "short break",
    pause_restroom: "restroom",
    pause_phone: "phone call",
    pause_meeting: "meeting",
    pause_cashUp: "cashing up",
    pause_fault: "fault",
    pause_lunch: "lunch",
    neighbour: "Neighbour",
    neighbour_paused: "No. # paused",
    neighbour_open: "No. # is back",
    neighbour_unattended: "No. # is empty",
    neighbour_closed: "No. # is closed",
    linkLost: "Offline, still open",
    party: "Party #",
    rated: "Already rated",
    chooseReason: "Why? You may skip",
    moreOrNone: "# more, last: none",
    none: "# none",
    afterInvite: "Please wait|to be asked",
    badgeRevoked: "Badge revoked",
    badgeNotYet: "Not valid yet",
    badgeExpired: "Badge expired",
    badgeCounter: "Not this counter",
  },
};

/** A line of a view: the layout, and the number of the line in it, counted from 1. */
export type LineName = `${LayoutName} ${1 | 2 | 3 | 4 | 5}`;

/** The lines in which each phrase can stand. The tool draws it for each of them; `leader` it draws with the name of each supervisor. */
export const PHRASE_LINES: Readonly<Record<PhraseId, readonly LineName[]>> = {
  closed: ["title 1"],
  nobodyOnDuty: ["title 2"],
  pleaseWait: ["title 2"],
  welcome: ["prompt 2"],
  waited: ["prompt 2"],
  invite: ["prompt 2"],
  thanks: ["thanks 2"],
  farewell: ["thanks 3"],
  paperCard: ["prompt 2"],
  badgeUnknown: ["notice 1"],
  badgeRole: ["notice 1"],
  badgeAgain: ["prompt 2"],
  seeRoster: ["notice 3"],
  configWrong: ["technical 1"],
  callTechnician: ["technical 4"],
  preparing: ["title 1"],
  opensAt: ["title 2"],
  opensOn: ["title 3"],
  complaint: ["title 3"],
  leader: [],
  lunch: ["title 1"],
  offHours: ["title 1"],
  endOfDay: ["title 2"],
  goTo: ["title 2", "prompt 2"],
  away: ["title 1"],
  emergency: ["alert 1"],
  selfTest: ["notice 1"],
  pressEach: ["notice 3"],
  approvalNeeded: ["prompt 1", "notice 1"],
  presentBadge: ["notice 3"],
  notApproved: ["prompt 2"],
  nothingAsked: ["notice 1"],
  pauseReason: ["notice 1"],
  letGo: ["notice 3"],
  signOut: ["notice 2"],
  pause_brief: ["notice 2"],
  pause_restroom: ["notice 2"],
  pause_phone: ["notice 2"],
  pause_meeting: ["notice 2"],
  pause_cashUp: ["notice 2"],
  pause_fault: ["notice 2"],
  pause_lunch: ["notice 2"],
  neighbour: ["notice 1"],
  neighbour_paused: ["notice 2"],
  neighbour_open: ["notice 2"],
  neighbour_unattended: ["notice 2"],
  neighbour_closed: ["notice 2"],
  linkLost: ["card 3"],
  party: ["card 3"],
  rated: ["notice 1"],
  chooseReason: ["list 1"],
  moreOrNone: ["list 5"],
  none: ["list 5"],
  afterInvite: ["prompt 2"],
  badgeRevoked: ["notice 1"],
  badgeNotYet: ["notice 1"],
  badgeExpired: ["notice 1"],
  badgeCounter: ["notice 1"],
};

/**
 * Phrases that are put together from glyphs, which takes fewer bytes and more time: those that are shown rarely, and those for which nobody waits. What somebody waits
 * for with each citizen and each sign-in (staff card, invite, thanks, pause) is a ready picture. GLYPHS.md has the cost of both.
 */
export const RARE_PHRASES: readonly PhraseId[] = [
  "welcome",
  "waited",
  "opensOn",
  "complaint",
  "goTo",
  "paperCard",
  "badgeUnknown",
  "badgeRole",
  "badgeAgain",
  "seeRoster",
  "configWrong",
  "callTechnician",
  "emergency",
  "selfTest",
  "pressEach",
  "approvalNeeded",
  "presentBadge",
  "notApproved",
  "nothingAsked",
  "neighbour",
  "neighbour_paused",
  "neighbour_open",
  "neighbour_unattended",
  "neighbour_closed",
  "rated",
  "afterInvite",
  "badgeRevoked",
  "badgeNotYet",
  "badgeExpired",
  "badgeCounter",
  "pauseReason",
  "pause_brief",
  "pause_restroom",
  "pause_phone",
  "pause_meeting",
  "pause_cashUp",
  "pause_fault",
  "pause_lunch",
  "letGo",
  "signOut",
  "linkLost",
];
