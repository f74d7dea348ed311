// The characters of emergency texts, most needed first. A board has as many of them as its Storage has room for.

import type { Language } from "../../config/config.js";
import { PHRASES } from "../../display/phrases.js";

/** What a hall says in an emergency. Each character counts where it comes first. Those of the first line are on every board, also where clerks fill its Storage. */
const WORDS: Readonly<Record<Language, string>> = {
  "zh-CN": `火警地震停电疏散请从安全出口离开大厅撤离注意有序不要乘电梯暴雨台风系统故障稍候恢复通知紧急，。！：、
请立即撤离 到大厅集合 暂停服务 改到其他窗口办理 明天再来 今天下午停止受理 网络中断正在抢修 预计几点钟恢复
燃气泄漏 禁止烟火 关闭电源 发生火灾 拨打报警 消防人员已到场 请勿拥挤 不得返回 沿绿色标志走楼梯 弯腰捂住口鼻 远离玻璃和墙边 躲在桌子下面保护头部
台风红色预警 洪水 雷电 大雪 冰雹 高温 雾霾 沙尘 道路结冰 积水较深 请绕行 留在室内 不要外出
疫情防控 请戴口罩 保持距离 测量体温 扫码登记 有人晕倒 需要医生 急救车 照顾老人儿童孕妇残疾人优先
可疑物品 切勿触碰 听从民警保安指挥 保管好随身财物 寻人启事 走失 广播室 失物招领
停水 设备检查 演练 解除 谢谢配合 对不起 给您带来不便 敬请谅解 咨询电话 一楼二楼三四五六七八九十号厅东南西北门前后左右上下层入口通道区
工作人员 领导值班 主任 经理 带队 负责 全体群众 市民 同志 马上 现在 立刻 尽快 迅速 当心 危险 警告 限时 分钟小时 延长 提前 结束 开始 重新 取消 更换 转移 避难 场所 地点 广场 停车场 办公 楼外 空旷`,
  "zh-TW": `火警地震停電疏散請從安全出口離開大廳撤離注意有序不要乘電梯暴雨颱風系統故障稍候恢復通知緊急，。！：、
請立即撤離 到大廳集合 暫停服務 改到其他窗口辦理 明天再來 今天下午停止受理 網路中斷正在搶修 預計幾點鐘恢復
瓦斯外洩 禁止煙火 關閉電源 發生火災 撥打報警 消防人員已到場 請勿推擠 不得返回 沿綠色標誌走樓梯 彎腰摀住口鼻 遠離玻璃和牆邊 躲在桌子下面保護頭部
颱風紅色警報 洪水 雷電 大雪 冰雹 高溫 濃霧 霾害 道路結冰 積水較深 請繞行 留在室內 不要外出
疫情防控 請戴口罩 保持距離 測量體溫 掃碼登記 有人暈倒 需要醫生 急救車 照顧老人兒童孕婦身障者優先
可疑物品 切勿觸碰 聽從警察保全指揮 保管好隨身財物 尋人啟事 走失 廣播室 失物招領
停水 設備檢查 演練 解除 謝謝配合 對不起 給您帶來不便 敬請見諒 諮詢電話 一樓二樓三四五六七八九十號廳東南西北門前後左右上下層入口通道區
工作人員 主管值班 主任 經理 帶隊 負責 全體民眾 市民 各位 馬上 現在 立刻 盡快 迅速 當心 危險 警告 限時 分鐘小時 延長 提前 結束 開始 重新 取消 更換 轉移 避難 場所 地點 廣場 停車場 辦公 樓外 空曠`,
  en: "",
};

/** How many characters, the first ones, are on every board. */
export function leastEmergencyCharacters(language: Language): number {
  return new Set(WORDS[language].split("\n")[0]).size;
}

/** The characters in a language, each once, and behind them those of the terminal's own phrases. English has what it needs in ASCII. */
export function emergencyCharacters(language: Language): string {
  if (language === "en") return "";
  const all = [WORDS[language], ...Object.values(PHRASES[language])].join("");
  return [...new Set(all)].filter((character) => character > "~").join("");
}
